// The branches in a view: one entry per branch, the last one live. Must match search/log/branches.py.
// The steps of a branch that was left are kept with it.
import type { Cost, Parent, Payloads, View, ViewBranch, ViewStep } from "./events";

/** The first branch, from search_started. */
export function firstBranch(at: Pick<View, "branch" | "seq">, p: Payloads["search_started"]): ViewBranch[] {
  return [entry(at.seq, at.branch, null, 0, null, "", p.graph.edges.length, p.cost, null)];
}

/** Updates the live branch. */
export function updateLiveBranch(view: View, change: Partial<ViewBranch>): ViewBranch[] {
  return view.branches.map((branch) => (branch.status === "live" ? { ...branch, ...change } : branch));
}

/** The best quality of the live branch, including a new feasible result. */
export function bestQuality(view: View, quality: number | null): number | null {
  const was = view.branches.find((branch) => branch.status === "live")?.best_quality ?? null;
  return quality === null || (was !== null && !isBetter(view.metric, quality, was)) ? was : quality;
}

function isBetter(metric: View["metric"], one: number, other: number): boolean {
  return metric === "perplexity" ? one < other : one > other;
}

/** Leaves the live branch with its own steps and opens a new one. In a fork the new one replaces the first. */
export function openBranch(view: View, seq: number, p: Payloads["branch_opened"]): ViewBranch[] {
  const left = view.branches
    .filter((branch) => branch.branch !== p.branch)
    .map((branch) =>
      branch.status === "live" ? { ...branch, status: "left", history: ownHistory(view, branch) } : branch,
    );
  const edges = p.edges.filter((edge) => edge.state === "active").length;
  const best = p.best?.quality ?? null;
  return [...left, entry(seq, p.branch, p.parent, p.step, p.by, p.reason, edges, p.cost, best)];
}

/** The steps up to where a branch opens. Steps of another search are in that search's log. */
export function historyUpTo(view: View, p: Payloads["branch_opened"]): ViewStep[] {
  if (p.parent.search !== null) return [];
  let line: ViewStep[] = [];
  let number = p.parent.branch;
  let until = p.step;
  for (;;) {
    const branch = view.branches.find((b) => b.branch === number);
    if (branch === undefined) return line;
    line = [...ownHistory(view, branch).filter((step) => step.step <= until), ...line];
    if (branch.parent === null || branch.parent.search !== null) return line;
    number = branch.parent.branch;
    until = Math.min(until, branch.step);
  }
}

/** The steps that were decided in this branch. */
function ownHistory(view: View, branch: ViewBranch): ViewStep[] {
  if (branch.status === "left") return branch.history;
  return view.history.filter((step) => step.step > branch.step);
}

function entry(
  seq: number,
  branch: number,
  parent: Parent | null,
  step: number,
  by: string | null,
  reason: string,
  edges: number,
  cost: Cost,
  best_quality: number | null,
): ViewBranch {
  return {
    branch,
    parent,
    step,
    seq,
    status: "live",
    by,
    reason,
    steps: step,
    edges,
    cost,
    best_quality,
    history: [],
  };
}
