// One search, live: what is being cut now and why, whether it fits yet, what a person can do about it.
import "./search.css";
import "./stage.css";
import "./side.css";
import "./below.css";
import "./film.css";
import "./narrow.css";
import { useQuery } from "@tanstack/react-query";
import { useEffect, useMemo, useRef } from "react";
import { useParams } from "react-router";
import { useStore } from "zustand";
import { api, unwrap } from "../../api/client";
import type { SearchDetail } from "../../api/types";
import { type DagGraph, isDense } from "../../dag/graph";
import type { View } from "../../live/events";
import type { LiveState } from "../../live/store";
import { useLive } from "../../live/useLive";
import { Empty, Failed, Loading } from "../../parts/Notice";
import { Say } from "../../parts/Say";
import { useTitle } from "../../parts/useTitle";
import { useFreshness } from "../../shell/LiveState";
import { Banner } from "./Banner";
import { Candidates } from "./Candidates";
import { Charts } from "./Charts";
import { Film } from "./Film";
import { Gauges } from "./Gauges";
import { Head, statusOf } from "./Head";
import { momentOf, signature, wholeGraph } from "./moment";
import { Stage } from "./Stage";
import { spoken } from "./spoken";
import { useLook } from "./useLook";
import { useSteering } from "./useSteering";

export function Component() {
  const { id = "" } = useParams();
  const { data, error, refetch } = useQuery({
    queryKey: ["search", id],
    queryFn: () => unwrap(api.GET("/api/searches/{id}", { params: { path: { id } } })),
  });
  if (data) return <LiveSearch key={id} search={data} />;
  return (
    <>
      <header className="page-head">
        <h1>Search</h1>
      </header>
      {error ? (
        <Failed what="This search" error={error} retry={() => void refetch()} />
      ) : (
        <Loading>Reading the search</Loading>
      )}
    </>
  );
}

function LiveSearch({ search }: { search: SearchDetail }) {
  const store = useLive(search.id);
  const live = useStore(store);
  if (live.link === "gone")
    return <Empty>This search is no longer here for you. It may belong to another team.</Empty>;
  return <Page search={search} live={live} />;
}

function Page({ search, live }: { search: SearchDetail; live: LiveState }) {
  const { view, beside, link, heard } = live;
  const graph = useGraph(view);
  const [look, selection] = useLook(isDense(graph));
  const steering = useSteering(search.id);
  const now = useMemo(() => momentOf(view, beside, null), [view, beside]);
  const moment = useMemo(
    () => (look.step === null || look.step >= view.step ? now : momentOf(view, beside, look.step)),
    [view, beside, look.step, now],
  );
  const status = statusOf(search, view, beside);
  useTitle(`${search.name}, step ${now.step}`);
  useReported(link, heard, now.over);

  const focus = selection.shown ?? moment.next;
  const after = moment.candidates.find((c) => c.edge !== null && c.edge === focus)?.cost ?? null;
  const lives = focus !== null && moment.living.has(focus);
  const shared = { graph, view, moment };
  return (
    <div className="search-page">
      <Head search={search} view={view} beside={beside} now={now} steering={steering} />
      <Banner link={link} heard={heard} status={status} step={now.step} beside={beside} steering={steering} />
      <div className="search-body">
        <Stage
          {...shared}
          beside={beside}
          look={look}
          selection={selection}
          after={lives ? after : null}
          steering={steering}
          pale={link === "lost"}
          waiting={view.seq > 0 ? null : (beside?.waiting ?? waitingWords(status))}
        />
        <div className="side">
          <Gauges view={view} moment={moment} focus={focus} after={lives ? after : null} />
          <Candidates {...shared} selection={selection} go={look.go} />
        </div>
        <Charts view={view} beside={beside} moment={moment} selection={selection} />
      </div>
      <Film {...shared} go={look.go} />
      <Say>{spoken(view)}</Say>
    </div>
  );
}

/** The whole graph as one object for as long as nothing is added, so that nothing is ever laid out again for a cut. */
function useGraph(view: View): DagGraph {
  const kept = useRef<{ key: string; graph: DagGraph } | null>(null);
  const key = signature(view);
  if (kept.current?.key !== key) kept.current = { key, graph: wholeGraph(view) };
  return kept.current.graph;
}

function useReported(link: LiveState["link"], heard: number | null, over: boolean): void {
  const report = useFreshness((state) => state.report);
  const word = over ? "ended" : link === "gone" ? null : link;
  useEffect(() => report(word, heard), [report, word, heard]);
  useEffect(() => () => report(null, null), [report]);
}

function waitingWords(status: string): string {
  return status === "queued" ? "Queued. The cell appears when a worker takes it." : "Reading the log.";
}
