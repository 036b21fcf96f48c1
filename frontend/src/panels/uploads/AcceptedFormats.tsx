// The accepted formats of uploads, and how they are split.
import "./acceptedFormats.css";

export function AcceptedFormats() {
  return (
    <div className="accepted">
      <section>
        <h3>What is taken</h3>
        <p>
          A <b>zip</b> or <b>tar</b> (also .gz or .xz) with one folder a class, of PNG or JPEG images; or an{" "}
          <b>npz</b> with arrays <code>x</code> (images) and <code>y</code> (labels).
        </p>
        <p>
          Of words: a <b>txt</b> in UTF-8, or an archive of <code>train.txt</code>, <code>valid.txt</code> and{" "}
          <code>test.txt</code>.
        </p>
        <figure>
          <figcaption className="sr">
            An example: pets.zip holds the folders cat and dog, each with images
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
        <h3>How it is split</h3>
        <p>
          Class folders inside of <code>train</code>, <code>val</code> and <code>test</code> stay in these
          parts; a part that is missing is dealt from train. Without such folders each class is dealt out by a
          checksum of the data: most of it to train, two smaller parts to validate and to test. The same data
          is always dealt alike, and a search never sees the test part.
        </p>
        <p>A single text is cut into blocks of lines, which are dealt out in the same way.</p>
      </section>
    </div>
  );
}
