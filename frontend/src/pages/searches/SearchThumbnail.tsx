// A thumbnail of a search's cell, from its stored view; loaded when it scrolls into view.
import { useQuery } from "@tanstack/react-query";
import { useEffect, useMemo, useRef, useState } from "react";
import { api, unwrap } from "../../api/client";
import { CellThumbnail } from "../../dag/Thumbnail";
import type { View } from "../../live/events";
import { wholeGraph } from "../../search-view/moment";
import { activeEdgesAt } from "../../search-view/replay";

/** The edges of the answer once there is one: the cell that a search ends at may be another. */
function shownEdges(view: View): ReadonlySet<string> {
  return view.best ? new Set(view.best.graph.edges.map(({ id }) => id)) : activeEdgesAt(view, null);
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
    queryFn: () => unwrap(api.GET("/api/searches/{id}/view", { params: { path: { id: search } } })),
    enabled: seen && seq > 0,
    placeholderData: (old) => old,
    staleTime: Number.POSITIVE_INFINITY,
  });
  const picture = useMemo(() => {
    const view = data?.view as View | undefined;
    return view && view.nodes.length > 0 ? { graph: wholeGraph(view), live: shownEdges(view) } : null;
  }, [data]);
  return (
    <div className="cell-picture" ref={box}>
      {picture && <CellThumbnail {...picture} width={96} height={48} />}
    </div>
  );
}
