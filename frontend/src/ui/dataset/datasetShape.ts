// The shape of one item as text, and the name of an item.
import type { Dataset } from "../../api/types";
import { plural } from "../../format/text";

export function describeShape({
  kind,
  shape,
  vocabulary,
}: Pick<Dataset, "kind" | "shape" | "vocabulary">): string {
  if (shape === null) return vocabulary === null ? kind : plural(vocabulary, "word");
  if (kind !== "image" || shape.length !== 3) return `${kind}, ${shape.join("×")}`;
  const [channels, height, width] = shape;
  const side = height === width ? `${height} px` : `${height}×${width} px`;
  return `Images, ${side}, ${channels === 1 ? "grayscale" : channels === 3 ? "color" : `${channels} channels`}`;
}

/** The unit in which its splits are counted. */
export function itemName({ kind }: Pick<Dataset, "kind">): "token" | "image" {
  return kind === "text" ? "token" : "image";
}
