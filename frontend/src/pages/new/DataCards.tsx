// The datasets as cards of a radio group, and a card for uploading another.

import type { Dataset } from "../../api/types";
import { plural } from "../../format/text";
import { describeShape } from "../../ui/dataset/datasetShape";
import { Split } from "../../ui/dataset/Split";
import styles from "./options.module.css";

interface DataCardsProps {
  datasets: readonly Dataset[];
  chosen: string;
  onChoose: (name: string) => void;
  onOwn: () => void;
}

export function DataCards({ datasets, chosen, onChoose, onOwn }: DataCardsProps) {
  return (
    <div className={styles.dataCards}>
      {/* The group has `display: contents`, so that all cards share one grid. */}
      <div className={styles.choices} role="radiogroup" aria-label="Dataset">
        {datasets.map((dataset) => (
          <label className={styles.opt} key={dataset.name}>
            <input
              type="radio"
              name="dataset"
              checked={dataset.name === chosen}
              onChange={() => onChoose(dataset.name)}
            />
            <span className={styles.box}>
              <b>{dataset.title}</b>
              <span className={styles.d}>
                {dataset.uploaded ? `Uploaded by ${dataset.owner?.name}` : dataset.about}
              </span>
              <span className={styles.d2}>
                {describeShape(dataset)}
                {dataset.classes !== null && `, ${plural(dataset.classes, "class", "classes")}`}
              </span>
              {dataset.archived && <span className={styles.d2}>Archived</span>}
              <Split counts={dataset.counts} className={styles.split} />
            </span>
          </label>
        ))}
      </div>
      <button type="button" className={styles.own} onClick={onOwn}>
        <b>Your own dataset</b>
        <span className={styles.d}>Upload a zip or tar of class folders, an npz, or a text file.</span>
      </button>
    </div>
  );
}
