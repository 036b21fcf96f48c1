// The open candidates in a view.
import type { Cost, Latency, Payloads, Scored, Timed } from "./events";
import type { OpenCandidates, ViewCandidate } from "./view";

export const NO_CANDIDATES: OpenCandidates = { first: 0, count: 0, feasible: 0, measured: 0, shown: [] };

export function proposedCandidates(p: Payloads["candidates_proposed"]): OpenCandidates {
  const shown = p.shown.map(
    (candidate): ViewCandidate => ({
      ...candidate,
      status: candidate.feasible ? "waiting" : "skipped",
      code: null,
      latency: null,
      quality: null,
      score: null,
    }),
  );
  return { first: p.shown[0]?.id ?? 0, count: p.count, feasible: p.feasible, measured: 0, shown };
}

export function timedCandidates(open: OpenCandidates, p: Payloads["candidates_timed"]): OpenCandidates {
  return { ...open, feasible: p.feasible, shown: joined(open.shown, p.shown, timed) };
}

export function measuredCandidates(open: OpenCandidates, p: Payloads["candidates_measured"]): OpenCandidates {
  return { ...open, measured: p.ok + p.failed, shown: joined(open.shown, p.shown, scored) };
}

/** Whether there are some, and none has a result. */
export function isUnmeasured({ count, measured }: OpenCandidates): boolean {
  return count > 0 && measured === 0;
}

/** null: it was not measured on the present machine, and one of another machine does not count */
export function withLatency(cost: Cost, latency: Latency | null): Cost {
  return { ...cost, latency: latency?.median ?? null };
}

function timed(candidate: ViewCandidate, { latency, code, feasible, why_not }: Timed): ViewCandidate {
  return {
    ...candidate,
    cost: withLatency(candidate.cost, latency),
    latency,
    code,
    feasible,
    why_not,
    status: feasible ? "waiting" : "skipped",
  };
}

function scored(candidate: ViewCandidate, { status, code, quality, score }: Scored): ViewCandidate {
  return { ...candidate, status, code, quality, score };
}

function joined<R extends { id: number }>(
  shown: readonly ViewCandidate[],
  results: readonly R[],
  join: (candidate: ViewCandidate, result: R) => ViewCandidate,
): ViewCandidate[] {
  const found = new Map(results.map((result) => [result.id, result]));
  return shown.map((candidate) => {
    const result = found.get(candidate.id);
    return result ? join(candidate, result) : candidate;
  });
}
