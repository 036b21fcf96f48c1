// Loads the tour where it runs, and only there.
import { useQuery } from "@tanstack/react-query";
import { lazy, Suspense } from "react";
import { useLocation } from "react-router";
import { api, unwrap } from "../api/client";
import type { Me } from "../api/types";
import { leaveTour, searchAt, useRuns, useTourState } from "../tour/useTour";
import { loadPage } from "./loadPage";

const Tour = lazy(() =>
  loadPage(
    () => import("../tour/Tour"),
    () => location.href,
  ),
);

export function TourHost({ me }: { me: Me | undefined }) {
  const id = searchAt(useLocation().pathname) ?? "";
  const { data: search } = useQuery({
    queryKey: ["search", id],
    queryFn: () => unwrap(api.GET("/api/searches/{id}", { params: { path: { id } } })),
    enabled: false, // the page of the search asks for it
  });
  const runs = useRuns(me?.id, search);
  const asked = useTourState((state) => state.asked);
  if (!me || !runs) return null;
  return (
    <Suspense fallback={null}>
      <Tour key={`${id} ${asked}`} focused={runs === "asked"} onLeave={() => leaveTour(me.id)} />
    </Suspense>
  );
}
