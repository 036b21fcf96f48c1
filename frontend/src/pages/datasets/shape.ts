// The shape of one item, in words.
import type { Dataset } from "../../api/types";

export function shapeOf({ kind, shape }: Pick<Dataset, "kind" | "shape">): string {
  if (kind !== "image" || shape.length !== 3) return `${kind}, ${shape.join("×")}`;
  const [channels, height, width] = shape;
  const side = height === width ? `${height} px` : `${height}×${width} px`;
  return `Images, ${side}, ${channels === 1 ? "grey" : channels === 3 ? "colour" : `${channels} channels`}`;
}
