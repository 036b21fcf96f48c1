// A thumbnail of a search's cell, from its snapshot; loaded when it scrolls into view.

import { useQuery } from "@tanstack/react-query";
import { useEffect, useMemo, useRef, useState } from "react";
import { CellThumbnail } from "../../dag/Thumbnail";
import type { Snapshot } from "../../live/events";
import { partsOfSnapshot } from "../../live/graphView";
import { fetchSnapshot } from "../../live/pages";
import { answerCell } from "../../search-view/answer";
import { wholeGraph } from "../../search-view/moment";
import styles from "./searches.module.css";

/** The cell of the answer once there is one: the cell that a search ends at may be another. */
function pictureOf(snapshot: Snapshot) {
  const parts = partsOfSnapshot(snapshot);
  if (snapshot.answer) return answerCell(parts, snapshot.answer);
  const active = parts.edges.filter(({ state }) => state === "active");
  return { graph: wholeGraph(parts), live: new Set(active.map(({ id }) => id)) };
}

export function SearchThumbnail({ search, seq }: { search: string; seq: number }) {
  const box = useRef<HTMLDivElement>(null);
  const [seen, setSeen] = useState(false);
  useEffect(() => {
    const element = box.current;
    if (!element) return;
    const observer = new IntersectionObserver((entries) => {
      if (entries.some((entry) => entry.isIntersecting)) setSeen(true);
    });
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  const { data } = useQuery({
    queryKey: ["search-cell", search, seq],
    queryFn: () => fetchSnapshot(search),
    enabled: seen && seq > 0,
    placeholderData: (old) => old,
    staleTime: Number.POSITIVE_INFINITY,
  });
  const picture = useMemo(() => data && pictureOf(data), [data]);
  return (
    <div className={styles.picture} ref={box}>
      {picture && <CellThumbnail {...picture} width={96} height={48} />}
    </div>
  );
}
