// One search, live: what is being cut now and why, whether it fits yet, what a person can do about it.
import "./search.css";
import { useQuery } from "@tanstack/react-query";
import { useEffect, useMemo, useRef } from "react";
import { useParams } from "react-router";
import { useStore } from "zustand";
import { api, unwrap } from "../../api/client";
import type { SearchDetail } from "../../api/types";
import { type DagGraph, isDense } from "../../dag/graph";
import type { View } from "../../live/events";
import { useFreshness } from "../../live/freshness";
import type { Beside } from "../../live/messages";
import type { LiveState } from "../../live/store";
import { useLive } from "../../live/useLive";
import { Gauges } from "../../panels/budget/Gauges";
import { Candidates } from "../../panels/candidates/Candidates";
import { Stage } from "../../panels/cell/Stage";
import { Events } from "../../panels/events/Events";
import { Charts } from "../../panels/evidence/Charts";
import { Film } from "../../panels/history/Film";
import { History } from "../../panels/history/History";
import { type Look, type Selection, useLook } from "../../panels/selection/useLook";
import { type Steering, useSteering } from "../../panels/steering/useSteering";
import { type Moment, momentOf, signature, wholeGraph } from "../../search-view/moment";
import { firstStep } from "../../search-view/replay";
import { spoken } from "../../search-view/spoken";
import { Empty, Failed, Loading } from "../../ui/Notice";
import { Say } from "../../ui/Say";
import { useTitle } from "../../ui/useTitle";
import { useWhatIf } from "../../whatif/useWhatIf";
import { Banner, LeftBanner } from "./Banner";
import { Head, statusOf } from "./Head";

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
  const left = useLeft(search.id, look.branch, view);
  const status = statusOf(search, view, beside);
  useTitle(`${search.name}, step ${now.step}`);
  useReported(link, heard, now.over);
  const shared = { search, live, look, selection, steering, over: now.over };
  return (
    <div className="search-page">
      <Head search={search} view={view} beside={beside} now={now} steering={steering} />
      <Banner link={link} heard={heard} status={status} step={now.step} beside={beside} steering={steering} />
      {left.branch === null ? (
        <Body
          {...shared}
          view={view}
          beside={beside}
          now={now}
          waiting={waitingWords(view, beside, status)}
        />
      ) : left.view ? (
        <>
          <LeftBanner branch={left.branch} step={left.view.step} back={() => look.turn(null)} />
          <Body
            {...shared}
            view={left.view}
            beside={null}
            now={momentOf(left.view, null, null, true)}
            waiting={null}
          />
        </>
      ) : left.error ? (
        <Failed what={`Branch ${left.branch}`} error={left.error} retry={left.again} />
      ) : (
        <Loading>Reading branch {left.branch}</Loading>
      )}
      <Say>{spoken(view, beside)}</Say>
    </div>
  );
}

interface BodyProps {
  search: SearchDetail;
  live: LiveState;
  /** of the branch that is shown; the newest one's, or one's that was left */
  view: View;
  beside: Beside | null;
  now: Moment;
  look: Look;
  selection: Selection;
  steering: Steering;
  over: boolean;
  waiting: string | null;
}

function Body({ search, live, view, beside, now, look, selection, steering, over, waiting }: BodyProps) {
  const graph = useGraph(view);
  const moment = useMemo(
    () =>
      look.step === null || look.step >= view.step
        ? now
        : momentOf(view, beside, Math.max(look.step, firstStep(view)), now.left),
    [view, beside, look.step, now],
  );
  useStepOf(view, look);
  const focus = selection.shown ?? moment.next;
  const cell = useMemo(
    () => ({ whole: graph, living: moment.living, nodes: placed(graph, moment) }),
    [graph, moment],
  );
  const whatIf = useWhatIf(cell, view.macro, moment.budget);
  const tried = moment.candidates.find(
    (c) => c.edge !== null && c.edge === focus && moment.living.has(focus),
  );
  // What the search itself reckoned comes first, for it knows latencies too.
  const after = tried?.cost ?? (focus === null ? null : (whatIf.prices.get(focus)?.cost ?? null));
  const shared = { graph, view, moment };
  return (
    <>
      <div className="search-body">
        <Stage
          {...shared}
          beside={beside}
          look={look}
          selection={selection}
          whatIf={whatIf}
          after={after}
          steering={steering}
          pale={live.link === "lost"}
          waiting={waiting}
        />
        <div className="side">
          <Gauges
            view={view}
            beside={beside}
            moment={moment}
            steering={steering}
            focus={focus}
            after={after}
          />
          <Candidates {...shared} selection={selection} go={look.go} />
        </div>
        <Charts view={view} moment={moment} selection={selection}>
          <Events
            search={search.id}
            steering={steering}
            view={view}
            beside={beside}
            moment={moment}
            selection={selection}
          />
        </Charts>
      </div>
      <Film {...shared} go={look.go}>
        <History
          search={search}
          view={view}
          moment={moment}
          live={live.view}
          beside={live.beside}
          over={over}
          steering={steering}
          turn={look.turn}
        />
      </Film>
    </>
  );
}

/** The nodes that stand, with their places. */
function placed(graph: DagGraph, moment: Moment) {
  const standing = new Set(moment.nodes.filter((node) => !node.removed).map((node) => node.id));
  return graph.nodes.filter((node) => standing.has(node.id));
}

/** A branch that was left, as it ended. It never changes again, so it is read once. */
function useLeft(id: string, asked: number | null, view: View) {
  const branch = asked !== null && view.seq > 0 && asked < view.branch ? asked : null;
  const { data, error, refetch } = useQuery({
    queryKey: ["search-branch", id, branch],
    queryFn: () =>
      unwrap(
        api.GET("/api/searches/{id}/view", { params: { path: { id }, query: { branch: branch ?? 0 } } }),
      ),
    enabled: branch !== null,
    staleTime: Number.POSITIVE_INFINITY,
  });
  return { branch, view: data?.view as View | undefined, error, again: () => void refetch() };
}

/** A step that a rollback undid is looked at no more; else the page would go back to it when it is reached again. */
function useStepOf(view: View, { step, go }: Look): void {
  const branch = useRef(view.branch);
  useEffect(() => {
    if (branch.current === view.branch) return;
    branch.current = view.branch;
    if (step !== null && step >= view.step) go(null);
  }, [view.branch, view.step, step, go]);
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

function waitingWords(view: View, beside: Beside | null, status: string): string | null {
  if (view.seq > 0) return null;
  if (beside?.waiting) return beside.waiting;
  return status === "queued" ? "Queued. The cell appears when a worker takes it." : "Reading the log.";
}
