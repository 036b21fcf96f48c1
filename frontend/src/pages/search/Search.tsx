// The live page of one search: loads it, follows it, and arranges the panels.

import { useQuery } from "@tanstack/react-query";
import { type CSSProperties, useEffect, useMemo, useRef } from "react";
import { useParams } from "react-router";
import { useStore } from "zustand";
import { api, unwrap } from "../../api/client";
import { presenceMs } from "../../api/entries";
import type { SearchDetail } from "../../api/types";
import { isChain } from "../../dag/chain/blocks";
import { isDense } from "../../dag/graph";
import { pointsInLine } from "../../live/candidatePoints";
import { useFreshness } from "../../live/freshness";
import { decisionAt } from "../../live/line";
import type { Telemetry } from "../../live/messages";
import type { LiveState, LiveStore } from "../../live/store";
import { useCandidatePoints } from "../../live/useCandidatePoints";
import { useHistory } from "../../live/useHistory";
import { useLive } from "../../live/useLive";
import type { View } from "../../live/view";
import { BudgetPanel } from "../../panels/budget/BudgetPanel";
import { CandidatesPanel } from "../../panels/candidates/CandidatesPanel";
import { CellPanel } from "../../panels/cell/CellPanel";
import { EventsPanel } from "../../panels/events/EventsPanel";
import { BranchControls } from "../../panels/history/BranchControls";
import { StepStrip } from "../../panels/history/StepStrip";
import { ResultsPanel } from "../../panels/results/ResultsPanel";
import { type Selection, useViewState, type ViewState } from "../../panels/selection/useViewState";
import { type Steering, useSteering } from "../../panels/steering/useSteering";
import { announcement } from "../../search-view/announcement";
import { answerCell, answerView } from "../../search-view/answer";
import { type Moment, momentOf, wholeGraph } from "../../search-view/moment";
import { Announcer } from "../../ui/Announcer";
import { DeletedBanner } from "../../ui/entries/DeletedBanner";
import { Remarks } from "../../ui/entries/Tags";
import { Empty, errorMessage, Failed, Loading } from "../../ui/Notice";
import { useDocumentTitle } from "../../ui/useDocumentTitle";
import { useElementSize } from "../../ui/useElementSize";
import { useWhatIf } from "../../whatif/useWhatIf";
import { AbandonedBranchBanner, Banner } from "./Banner";
import { panelsOf } from "./familyPanels";
import { Head, statusOf } from "./Head";
import styles from "./search.module.css";
import { useGraph } from "./useGraph";
import { type Shown, useShown } from "./useShown";

export function Component() {
  const { id = "" } = useParams();
  return <SearchPage key={id} id={id} />;
}

function SearchPage({ id }: { id: string }) {
  const store = useLive(id); // opened at once, so that the log comes while the row is read
  const { data, error, refetch } = useQuery({
    queryKey: ["search", id],
    queryFn: () => unwrap(api.GET("/api/searches/{id}", { params: { path: { id } } })),
    refetchInterval: (query) => presenceMs(query.state.error),
  });
  if (data) return <LiveSearch search={data} store={store} error={error} />;
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

interface LiveSearchProps {
  search: SearchDetail;
  store: LiveStore;
  /** of the last reading: somebody may have deleted the search meanwhile */
  error: Error | null;
}

function LiveSearch({ search, store, error }: LiveSearchProps) {
  const live = useStore(store);
  if (live.link === "gone")
    return (
      <Empty>This search is not available. It may have been deleted, or it belongs to another team.</Empty>
    );
  return (
    <>
      <DeletedBanner family="searches" id={search.id} error={error} />
      <Page search={search} store={store} live={live} />
    </>
  );
}

function Page({ search, store, live }: { search: SearchDetail; store: LiveStore; live: LiveState }) {
  const { view, history, telemetry, left: leftCommand, link, lastMessageAt } = live;
  const [viewState, selection] = useViewState(isDense(view));
  const steering = useSteering(search.id);
  const earlier = useHistory(search.id, store, live.gap);
  const newest = useMemo(() => answerView(view), [view]);
  const now = useMemo(() => momentOf(newest, null, telemetry), [newest, telemetry]);
  const { shown, left, error, again } = useShown(search.id, live, viewState, newest, now);
  const status = statusOf(search, view, telemetry);
  // Until the log is here nothing is known of steps, limits and candidates, unless the search has not started.
  const known = view.seq > 0 || (telemetry !== null && search.seq === 0);
  const place = now.isAnswer ? ", answer" : known ? `, step ${now.step}` : "";
  useDocumentTitle(search.name + place);
  useReportedFreshness(link, lastMessageAt, now.over);
  useValidStep(view, viewState);
  const what =
    left !== null
      ? `Branch ${left}`
      : viewState.step === "finalists"
        ? "Finalists"
        : `Step ${viewState.step}`;
  const [above, { height }] = useElementSize<HTMLDivElement>();
  return (
    <div className={styles.searchPage} style={{ "--above": `${height}px` } as CSSProperties}>
      <Head search={search} view={view} telemetry={telemetry} now={now} known={known} steering={steering} />
      <div ref={above}>
        <Remarks tags={search.tags} notes={search.notes} />
        <Banner
          link={link}
          lastMessageAt={lastMessageAt}
          status={status}
          step={now.step}
          telemetry={telemetry}
          steering={steering}
        />
        {shown?.left && (
          <AbandonedBranchBanner
            branch={shown.line.branch}
            step={shown.line.last}
            back={() => viewState.showBranch(null)}
          />
        )}
      </div>
      {error && <Failed what={what} error={error} retry={again} />}
      {!known && !error && <Loading>Loading the search…</Loading>}
      {known && !shown && !error && <Loading>Loading {what.toLowerCase()}…</Loading>}
      {known && shown && (
        <Body
          search={search}
          live={live}
          shown={shown}
          now={now}
          earlier={earlier}
          viewState={viewState}
          selection={selection}
          steering={steering}
          waiting={waitingWords(view, telemetry, status)}
        />
      )}
      <Announcer>{announcement(view, history, telemetry, leftCommand)}</Announcer>
    </div>
  );
}

interface BodyProps {
  search: SearchDetail;
  live: LiveState;
  shown: Shown;
  /** the newest moment */
  now: Moment;
  earlier: ReturnType<typeof useHistory>;
  viewState: ViewState;
  selection: Selection;
  steering: Steering;
  waiting: string | null;
}

function Body({ search, live, shown, now, earlier, viewState, selection, steering, waiting }: BodyProps) {
  const { view, moment, line, ending } = shown;
  const graph = useGraph(live.view, view);
  const telemetry = moment === now ? live.telemetry : null;
  const focus = selection.focused ?? moment.next;
  const cell = useMemo(
    () => ({
      whole: graph,
      activeEdges: moment.activeEdges,
      nodes: wholeGraph({ nodes: view.nodes.filter(({ state }) => state === "active"), edges: [] }).nodes,
    }),
    [graph, view.nodes, moment.activeEdges],
  );
  // The blocks of a chain are never removed.
  const whatIf = useWhatIf(cell, isChain(graph.nodes) ? null : view.macro, moment.budget);
  const tried = moment.candidates.find(
    (c) => c.edge !== null && c.edge === focus && moment.activeEdges.has(focus),
  );
  // Costs computed by the search come first, because they include latency.
  const after = tried?.cost ?? (focus === null ? null : (whatIf.prices.get(focus)?.cost ?? null));
  const { answer: found } = live.view;
  const answer = useMemo(
    () => (now.isAnswer && found ? answerCell(live.view, found) : null),
    [now.isAnswer, live.view, found],
  );
  const shared = { graph, view, line, moment };
  const [points, reading] = usePointsAt(search.id, live.telemetry?.candidates ?? null, shown);
  const panel = { view, line, moment, selection, points, reading };
  return (
    <>
      <div className={styles.searchBody}>
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
          newest={
            moment === now || moment.abandoned
              ? null
              : now.isAnswer
                ? "answer"
                : now.over
                  ? "end"
                  : "latest step"
          }
        />
        <div className={styles.side}>
          <BudgetPanel
            view={view}
            telemetry={telemetry}
            moment={moment}
            steering={steering}
            focus={focus}
            after={after}
          />
          <CandidatesPanel
            {...shared}
            search={search.id}
            telemetry={telemetry}
            selection={selection}
            go={viewState.showStep}
          />
        </div>
        <div className={styles.charts}>
          <ResultsPanel {...panel} />
          {panelsOf(search.strategy).map((Panel) => (
            <Panel key={Panel.name} {...panel} />
          ))}
          <EventsPanel
            search={search.id}
            steering={steering}
            view={live.view}
            line={line}
            seq={view.seq}
            telemetry={telemetry}
            moment={moment}
            selection={selection}
          />
        </div>
      </div>
      <StepStrip
        graph={graph}
        line={line}
        moment={moment}
        missing={missingWords(earlier)}
        ending={ending}
        answer={shown.left ? null : answer}
        showStep={viewState.showStep}
      >
        <BranchControls
          search={search}
          history={live.history}
          branch={line.branch}
          moment={moment}
          live={live.view}
          telemetry={live.telemetry}
          ended={now.over}
          steering={steering}
          showBranch={viewState.showBranch}
        />
      </StepStrip>
    </>
  );
}

/** The candidates that were measured by the moment that is shown. `newest`: the greatest `seq` of the table; null until it is known. */
function usePointsAt(search: string, newest: number | null, { moment, line }: Shown) {
  const isNewest = moment.head && !moment.abandoned;
  // Those on which the next step was decided are known before it.
  const last = isNewest ? Number.POSITIVE_INFINITY : moment.step + 1;
  const after = isNewest ? undefined : decisionAt(line, last + 1);
  const until = after ? after.seq - 1 : null;
  const [known, reading] = useCandidatePoints(search, newest ?? 0, until);
  const points = useMemo(() => pointsInLine(known, line, last), [known, line, last]);
  return [points, newest === null ? "reading" : reading] as const;
}

/** Deselects a step that a rollback undid; else the page would return to it when it is reached again. */
function useValidStep(view: View, { branch, step, showStep }: ViewState): void {
  const known = useRef(view.branch);
  useEffect(() => {
    if (known.current === view.branch) return;
    known.current = view.branch;
    if (branch === null && typeof step === "number" && step >= view.step) showStep(null);
  }, [view.branch, view.step, branch, step, showStep]);
}

function missingWords({ loading, error }: ReturnType<typeof useHistory>): string | null {
  if (error) return `Earlier steps could not be loaded. ${errorMessage(error)}`;
  return loading ? "Loading earlier steps…" : null;
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
  if (status === "queued") return "Queued. The cell appears when a worker starts the search.";
  const over = status === "finished" || status === "stopped" || status === "cancelled";
  return over ? "The search ended before it started." : "The search has not started yet.";
}
