// What all drawings of a chain share: the way between its blocks, and the layers of each.
import styles from "./chain.module.css";
import { type ChainLayout, type PlacedBlock, slicePath } from "./layout";

export function Links({ layout }: { layout: ChainLayout }) {
  return layout.links.map((d, i) => <path className={styles.link} key={layout.places[i]?.block.id} d={d} />);
}

/** The layers of a block, from its left end. */
export function Layers({ place }: { place: PlacedBlock }) {
  const { block, slice, half, waist } = place;
  const d = slicePath(Math.max(0.8, slice - (slice > 6 ? 1 : 0.4)), half, waist);
  return Array.from({ length: block.layers }, (_, i) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: layers have no other name than their place
    <path className={styles.layer} key={i} d={d} style={{ transform: `translateX(${i * slice}px)` }} />
  ));
}
