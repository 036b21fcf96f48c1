// What networks are given to be scored.
import { formatInteger } from "./numbers";

interface Batches {
  readonly batches: number;
  /** images of a batch */
  readonly batch_size: number;
  /** pixels; 0: as they are */
  readonly side: number;
  readonly seed: number;
}

/** "2 batches of 16 images at 64 pixels, seed 0" */
export function formatBatches({ batches, batch_size, side, seed }: Batches): string {
  const scaled = side === 0 ? "" : ` at ${formatInteger(side)} pixels`;
  return `${formatInteger(batches)} batches of ${formatInteger(batch_size)} images${scaled}, seed ${seed}`;
}
