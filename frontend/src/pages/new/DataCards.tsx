// The data sets as cards of a radio group: what is in them and how they are split.
import type { Dataset } from "../../api/types";
import { grouped, plural } from "../../format";

interface DataCardsProps {
  datasets: readonly Dataset[];
  chosen: string;
  onChoose: (name: string) => void;
}

export function DataCards({ datasets, chosen, onChoose }: DataCardsProps) {
  return (
    <div className="data-cards" role="radiogroup" aria-label="Data set">
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
            <span className="d">{dataset.about}</span>
            <span className="d2">
              {shapeOf(dataset)}, {plural(dataset.classes, "class", "classes")}
            </span>
            <Split counts={dataset.counts} />
          </span>
        </label>
      ))}
    </div>
  );
}

const PARTS = [
  ["train", "train"],
  ["validation", "validate"],
  ["test", "test"],
] as const;

/** Three parts to scale: what is learned from, what the search judges by, what is opened once at the end. */
function Split({ counts }: { counts: Dataset["counts"] }) {
  return (
    <span className="split">
      <span className="parts" aria-hidden="true">
        {PARTS.map(([key]) => (
          <i key={key} className={key} style={{ flexGrow: counts[key] }} />
        ))}
      </span>
      <span className="d2">{PARTS.map(([key, word]) => `${grouped(counts[key])} ${word}`).join(", ")}</span>
    </span>
  );
}

export function shapeOf({ kind, shape }: Pick<Dataset, "kind" | "shape">): string {
  if (kind !== "image" || shape.length !== 3) return `${kind}, ${shape.join("×")}`;
  const [channels, height, width] = shape;
  const side = height === width ? `${height} px` : `${height}×${width} px`;
  return `Images, ${side}, ${channels === 1 ? "grey" : channels === 3 ? "colour" : `${channels} channels`}`;
}
