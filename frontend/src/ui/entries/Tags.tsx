// The tags of an entry.
import styles from "./entries.module.css";

export function Tags({ tags }: { tags: readonly string[] }) {
  return tags.map((tag) => (
    <span key={tag} className={styles.tag}>
      {tag}
    </span>
  ));
}

/** The tags and notes of an entry, on its page; nothing where there are none. */
export function Remarks({ tags, notes }: { tags: readonly string[]; notes: string }) {
  if (tags.length === 0 && !notes) return null;
  return (
    <div className={styles.remarks}>
      {tags.length > 0 && (
        <p className={styles.tags}>
          <span className="sr">Tags: </span>
          <Tags tags={tags} />
        </p>
      )}
      {notes && (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: long notes scroll, also by the keyboard
        <section className={styles.notes} aria-label="Notes" tabIndex={0}>
          {notes}
        </section>
      )}
    </div>
  );
}
