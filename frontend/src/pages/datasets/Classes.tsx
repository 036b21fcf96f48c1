// The classes of a dataset: sample images, counts and splits on one scale.
import clsx from "clsx";
import { useState } from "react";
import type { DatasetDetail } from "../../api/types";
import { formatInteger } from "../../format/numbers";
import { plural } from "../../format/text";
import { describeSplit, SplitBar, type SplitCounts, SplitSwatch, splitTotal } from "../../ui/dataset/Split";
import { sampleUrl } from "./ContactSheet";
import styles from "./dataset.module.css";

const FIRST = 50; // few people read a list of a thousand classes
const SIDE = 40; // of a tile, in CSS pixels

interface ClassRow {
  readonly label: number;
  readonly name: string;
  readonly counts: SplitCounts;
  /** positions in the contact sheet */
  readonly tiles: readonly number[];
}

export function classRows({
  class_names,
  class_counts,
  sample,
}: Pick<DatasetDetail, "class_names" | "class_counts" | "sample">): ClassRow[] {
  const tiles = new Map<string, number[]>(class_names.map((name) => [name, []]));
  sample?.images.forEach((image, place) => void tiles.get(image.class)?.push(place));
  return class_names.map((name, label) => ({
    label,
    name,
    counts: class_counts[label] ?? { train: 0, validation: 0, test: 0 },
    tiles: tiles.get(name) ?? [],
  }));
}

export function Classes({ dataset }: { dataset: DatasetDetail }) {
  const [all, setAll] = useState(false);
  const rows = classRows(dataset);
  const most = Math.max(...rows.map(({ counts }) => splitTotal(counts)));
  const shown = all ? rows : rows.slice(0, FIRST);
  return (
    <>
      <table className={styles.classes}>
        <thead>
          <tr>
            <th scope="col">Class</th>
            <th scope="col">Examples</th>
            <th scope="col" className={styles.shares}>
              <Key />
            </th>
            <th scope="col" className={styles.n}>
              Images
            </th>
          </tr>
        </thead>
        <tbody>
          {shown.map((row) => (
            <tr key={row.label}>
              <th scope="row">
                {row.name}
                {row.name !== String(row.label) && <span className="sub">label {row.label}</span>}
              </th>
              <td className={styles.tiles}>
                <Tiles dataset={dataset} row={row} />
              </td>
              <td className={styles.shares}>
                <SplitBar counts={row.counts} of={most} />
                <span className={clsx("sub", styles.counts)}>{describeSplit(row.counts)}</span>
              </td>
              <td className={styles.n}>{formatInteger(splitTotal(row.counts))}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {rows.length > shown.length && (
        <button type="button" className={clsx("btn", styles.more)} onClick={() => setAll(true)}>
          Show all {plural(rows.length, "class", "classes")}
        </button>
      )}
    </>
  );
}

/** The legend of the split bars. */
function Key() {
  return (
    <span className={styles.splitKey}>
      {(["train", "validation", "test"] as const).map((part) => (
        <span key={part}>
          <SplitSwatch part={part} />
          {part}
        </span>
      ))}
    </span>
  );
}

function Tiles({ dataset, row }: { dataset: DatasetDetail; row: ClassRow }) {
  const { name, sample } = dataset;
  if (!sample || row.tiles.length === 0) return <span className="sub">no examples</span>;
  const width = sample.columns * SIDE;
  return (
    <span
      className={styles.strip}
      role="img"
      aria-label={`${plural(row.tiles.length, "image")} of ${row.name}`}
    >
      {row.tiles.map((place) => (
        <i
          key={place}
          style={{
            width: SIDE,
            height: SIDE,
            backgroundImage: `url("${sampleUrl(name)}")`,
            backgroundSize: `${width}px auto`,
            backgroundPosition: `${-(place % sample.columns) * SIDE}px ${-Math.floor(place / sample.columns) * SIDE}px`,
          }}
        />
      ))}
    </span>
  );
}
