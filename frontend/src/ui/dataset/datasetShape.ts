// The shape of one item, in words, and what an item is called.
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
  return `Images, ${side}, ${channels === 1 ? "grey" : channels === 3 ? "colour" : `${channels} channels`}`;
}

/** What its parts are counted in. */
export function itemName({ kind }: Pick<Dataset, "kind">): "token" | "image" {
  return kind === "text" ? "token" : "image";
}
