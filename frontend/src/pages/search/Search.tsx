// The live page of one search: loads it, follows it, and arranges the panels.
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
import type { Telemetry } from "../../live/messages";
import type { LiveState } from "../../live/store";
import { useLive } from "../../live/useLive";
import { BudgetPanel } from "../../panels/budget/BudgetPanel";
import { CandidatesPanel } from "../../panels/candidates/CandidatesPanel";
import { CellPanel } from "../../panels/cell/CellPanel";
import { EventsPanel } from "../../panels/events/EventsPanel";
import { EvidencePanel } from "../../panels/evidence/EvidencePanel";
import { BranchControls } from "../../panels/history/BranchControls";
import { StepStrip } from "../../panels/history/StepStrip";
import { type Selection, useViewState, type ViewState } from "../../panels/selection/useViewState";
import { type Steering, useSteering } from "../../panels/steering/useSteering";
import { announcement } from "../../search-view/announcement";
import { graphSignature, type Moment, momentOf, wholeGraph } from "../../search-view/moment";
import { firstStep } from "../../search-view/replay";
import { Announcer } from "../../ui/Announcer";
import { Empty, Failed, Loading } from "../../ui/Notice";
import { useDocumentTitle } from "../../ui/useDocumentTitle";
import { useWhatIf } from "../../whatif/useWhatIf";
import { AbandonedBranchBanner, Banner } from "./Banner";
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
        <Loading>Loading the search…</Loading>
      )}
    </>
  );
}

function LiveSearch({ search }: { search: SearchDetail }) {
  const store = useLive(search.id);
  const live = useStore(store);
  if (live.link === "gone")
    return (
      <Empty>This search is not available. It may have been deleted, or it belongs to another team.</Empty>
    );
  return <Page search={search} live={live} />;
}

function Page({ search, live }: { search: SearchDetail; live: LiveState }) {
  const { view, telemetry, link, lastMessageAt } = live;
  const graph = useGraph(view);
  const [viewState, selection] = useViewState(isDense(graph));
  const steering = useSteering(search.id);
  const now = useMemo(() => momentOf(view, telemetry, null), [view, telemetry]);
  const abandoned = useAbandonedBranch(search.id, viewState.branch, view);
  const status = statusOf(search, view, telemetry);
  useDocumentTitle(`${search.name}, step ${now.step}`);
  useReportedFreshness(link, lastMessageAt, now.over);
  const shared = { search, live, viewState, selection, steering, ended: now.over };
  return (
    <div className="search-page">
      <Head search={search} view={view} telemetry={telemetry} now={now} steering={steering} />
      <Banner
        link={link}
        lastMessageAt={lastMessageAt}
        status={status}
        step={now.step}
        telemetry={telemetry}
        steering={steering}
      />
      {abandoned.branch === null ? (
        <Body
          {...shared}
          view={view}
          telemetry={telemetry}
          now={now}
          waiting={waitingWords(view, telemetry, status)}
        />
      ) : abandoned.view ? (
        <>
          <AbandonedBranchBanner
            branch={abandoned.branch}
            step={abandoned.view.step}
            back={() => viewState.showBranch(null)}
          />
          <Body
            {...shared}
            view={abandoned.view}
            telemetry={null}
            now={momentOf(abandoned.view, null, null, true)}
            waiting={null}
          />
        </>
      ) : abandoned.error ? (
        <Failed what={`Branch ${abandoned.branch}`} error={abandoned.error} retry={abandoned.again} />
      ) : (
        <Loading>Loading branch {abandoned.branch}…</Loading>
      )}
      <Announcer>{announcement(view, telemetry)}</Announcer>
    </div>
  );
}

interface BodyProps {
  search: SearchDetail;
  live: LiveState;
  /** the view of the branch that is shown: the live one, or an abandoned one */
  view: View;
  telemetry: Telemetry | null;
  now: Moment;
  viewState: ViewState;
  selection: Selection;
  steering: Steering;
  ended: boolean;
  waiting: string | null;
}

function Body({
  search,
  live,
  view,
  telemetry,
  now,
  viewState,
  selection,
  steering,
  ended,
  waiting,
}: BodyProps) {
  const graph = useGraph(view);
  const moment = useMemo(
    () =>
      viewState.step === null || viewState.step >= view.step
        ? now
        : momentOf(view, telemetry, Math.max(viewState.step, firstStep(view)), now.abandoned),
    [view, telemetry, viewState.step, now],
  );
  useValidStep(view, viewState);
  const focus = selection.focused ?? moment.next;
  const cell = useMemo(
    () => ({ whole: graph, activeEdges: moment.activeEdges, nodes: activeNodes(graph, moment) }),
    [graph, moment],
  );
  const whatIf = useWhatIf(cell, view.macro, moment.budget);
  const tried = moment.candidates.find(
    (c) => c.edge !== null && c.edge === focus && moment.activeEdges.has(focus),
  );
  // Costs computed by the search come first, because they include latency.
  const after = tried?.cost ?? (focus === null ? null : (whatIf.prices.get(focus)?.cost ?? null));
  const shared = { graph, view, moment };
  return (
    <>
      <div className="search-body">
        <CellPanel
          {...shared}
          telemetry={telemetry}
          viewState={viewState}
          selection={selection}
          whatIf={whatIf}
          after={after}
          steering={steering}
          pale={live.link === "lost"}
          waiting={waiting}
        />
        <div className="side">
          <BudgetPanel
            view={view}
            telemetry={telemetry}
            moment={moment}
            steering={steering}
            focus={focus}
            after={after}
          />
          <CandidatesPanel {...shared} selection={selection} go={viewState.showStep} />
        </div>
        <EvidencePanel view={view} moment={moment} selection={selection}>
          <EventsPanel
            search={search.id}
            steering={steering}
            view={view}
            telemetry={telemetry}
            moment={moment}
            selection={selection}
          />
        </EvidencePanel>
      </div>
      <StepStrip {...shared} showStep={viewState.showStep}>
        <BranchControls
          search={search}
          view={view}
          moment={moment}
          live={live.view}
          telemetry={live.telemetry}
          ended={ended}
          steering={steering}
          showBranch={viewState.showBranch}
        />
      </StepStrip>
    </>
  );
}

/** The nodes that are not removed, with their ranks. */
function activeNodes(graph: DagGraph, moment: Moment) {
  const present = new Set(moment.nodes.filter((node) => !node.removed).map((node) => node.id));
  return graph.nodes.filter((node) => present.has(node.id));
}

/** The view of an abandoned branch. It never changes again, so it is loaded once. */
function useAbandonedBranch(id: string, requested: number | null, view: View) {
  const branch = requested !== null && view.seq > 0 && requested < view.branch ? requested : null;
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

/** Deselects a step that a rollback undid; else the page would return to it when it is reached again. */
function useValidStep(view: View, { step, showStep }: ViewState): void {
  const branch = useRef(view.branch);
  useEffect(() => {
    if (branch.current === view.branch) return;
    branch.current = view.branch;
    if (step !== null && step >= view.step) showStep(null);
  }, [view.branch, view.step, step, showStep]);
}

/** The whole graph as a stable object until something is added, so that cuts cause no new layout. */
function useGraph(view: View): DagGraph {
  const kept = useRef<{ key: string; graph: DagGraph } | null>(null);
  const key = graphSignature(view);
  if (kept.current?.key !== key) kept.current = { key, graph: wholeGraph(view) };
  return kept.current.graph;
}

function useReportedFreshness(link: LiveState["link"], lastMessageAt: number | null, ended: boolean): void {
  const report = useFreshness((state) => state.report);
  const word = ended ? "ended" : link === "gone" ? null : link;
  useEffect(() => report(word, lastMessageAt), [report, word, lastMessageAt]);
  useEffect(() => () => report(null, null), [report]);
}

function waitingWords(view: View, telemetry: Telemetry | null, status: string): string | null {
  if (view.seq > 0) return null;
  if (telemetry?.waiting) return telemetry.waiting;
  return status === "queued"
    ? "Queued. The cell appears when a worker starts the search."
    : "Loading the search…";
}
