// The datasets as cards of a radio group, and a card for uploading another.
import type { Dataset } from "../../api/types";
import { plural } from "../../format/text";
import { describeShape } from "../../ui/dataset/datasetShape";
import { Split } from "../../ui/dataset/Split";

interface DataCardsProps {
  datasets: readonly Dataset[];
  chosen: string;
  onChoose: (name: string) => void;
  onOwn: () => void;
}

export function DataCards({ datasets, chosen, onChoose, onOwn }: DataCardsProps) {
  return (
    <div className="data-cards">
      {/* The group has `display: contents`, so that all cards share one grid. */}
      <div className="choices" role="radiogroup" aria-label="Dataset">
        {datasets.map((dataset) => (
          <label className="opt" key={dataset.name}>
            <input
              type="radio"
              name="dataset"
              checked={dataset.name === chosen}
              onChange={() => onChoose(dataset.name)}
            />
            <span className="box">
              <b>{dataset.title}</b>
              <span className="d">
                {dataset.uploaded ? `Uploaded by ${dataset.owner?.name}` : dataset.about}
              </span>
              <span className="d2">
                {describeShape(dataset)}
                {dataset.classes !== null && `, ${plural(dataset.classes, "class", "classes")}`}
              </span>
              <Split counts={dataset.counts} />
            </span>
          </label>
        ))}
      </div>
      <button type="button" className="own" onClick={onOwn}>
        <b>Your own dataset</b>
        <span className="d">Upload a zip or tar of class folders, an npz, or a text file.</span>
      </button>
    </div>
  );
}
