// The accepted formats of uploads, and how they are split.
import styles from "./acceptedFormats.module.css";

export function AcceptedFormats() {
  return (
    <div className={styles.accepted}>
      <section>
        <h3>Supported formats</h3>
        <p>
          Images: a <b>zip</b> or <b>tar</b> (also .gz or .xz) with one folder per class, holding PNG or JPEG
          files; or an <b>npz</b> with the arrays <code>x</code> (images) and <code>y</code> (labels).
        </p>
        <p>
          Text: a <b>txt</b> in UTF-8, or an archive of <code>train.txt</code>, <code>valid.txt</code> and{" "}
          <code>test.txt</code>.
        </p>
        <figure>
          <figcaption className="sr">
            Example: pets.zip contains the folders cat and dog, each with images
          </figcaption>
          <pre aria-hidden="true">{`pets.zip
├─ cat
│  ├─ 0001.png
│  └─ 0002.png
└─ dog
   ├─ 0001.jpg
   └─ 0002.jpg`}</pre>
        </figure>
      </section>
      <section>
        <h3>Train, validation and test split</h3>
        <p>
          Class folders inside <code>train</code>, <code>val</code> and <code>test</code> keep that split; a
          missing part is taken from <code>train</code>. Otherwise each class is split 70/15/15 by content
          hash, so the same data always splits the same way. A search never sees the test split.
        </p>
        <p>A single text file is split in blocks of lines, in the same way.</p>
      </section>
    </div>
  );
}
