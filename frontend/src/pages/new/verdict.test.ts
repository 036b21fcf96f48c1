import { expect, it } from "vitest";
import type { Preview } from "../../api/types";
import { cost, noEstimate } from "../../testing/estimate";
import { NO_LIMITS } from "./budget";
import { impossibleLimits, newestCosts, outlook } from "./verdict";

const costs: Preview = {
  largest: cost(151_226, 27_323_000, 147_456),
  smallest: cost(7_700, 2_460_000, 65_536),
  graph: { nodes: [], edges: [] },
  fits: true,
  problems: [],
  evaluations: 235,
  estimate: noEstimate,
  same: [],
};

it("refuses a limit below the smallest graph at once, with the number needed", () => {
  const [one, ...rest] = impossibleLimits({ ...NO_LIMITS, peak_memory: 49_152 }, costs, undefined);
  expect(rest).toEqual([]);
  expect(one?.needed).toBe(65_536);
  expect(one?.detail).toBe("The smallest cell needs 64\u202fKiB; the limit is 48\u202fKiB.");
});

it("prefers the server's answer, since another cell may be the smallest under these limits", () => {
  const limits = { ...NO_LIMITS, peak_memory: 49_152 };
  expect(impossibleLimits(limits, costs, { ...costs, problems: [] })).toEqual([]);
  const problem = { limit: "peak_memory", allowed: 49_152, needed: 53_248, detail: "" };
  const [one] = impossibleLimits(limits, costs, { ...costs, problems: [problem] });
  expect(one?.detail).toBe("The smallest cell needs 52\u202fKiB; the limit is 48\u202fKiB.");
});

it("passes on problems that no single limit causes", () => {
  const problem = { limit: "budget", allowed: 0, needed: 0, detail: "These cannot be met together." };
  expect(impossibleLimits(NO_LIMITS, costs, { ...costs, problems: [problem] })).toEqual([
    { words: null, needed: 0, detail: "These cannot be met together." },
  ]);
});

it("shows the newest costs, but none of another largest graph", () => {
  const answer = { ...costs, smallest: cost(7_900, 2_100_000, 53_248) };
  expect(newestCosts(costs, answer)).toBe(answer);
  expect(newestCosts(costs, { ...answer, largest: cost(1, 1, 1) })).toBe(costs);
  expect(newestCosts(costs, undefined)).toBe(costs);
});

it("says what the limits demand of the search", () => {
  expect(outlook(NO_LIMITS, costs).lead).toBe("No limits");
  expect(outlook({ ...NO_LIMITS, params: 80_000, macs: 4e6, peak_memory: 98_304 }, costs)).toEqual({
    lead: "All three limits can be met",
    more: "The dense cell is over every limit; the smallest cell is not. Tightest: MACs.",
  });
  expect(outlook({ ...NO_LIMITS, params: 200_000 }, costs).more).toMatch(/already fits all limits/);
});

it("promises nothing about a latency, which is measured in the search", () => {
  expect(outlook({ ...NO_LIMITS, latency: 2_000 }, costs).lead).toBe("Latency is not known yet");
  const both = outlook({ ...NO_LIMITS, params: 80_000, macs: 4e6, latency: 2_000 }, costs);
  expect(both.lead).toBe("The limits that can be calculated can be met");
  expect(both.more).toMatch(/Latency is measured during the search, before each candidate is tested\.$/);
});

it("shows the latency limit that the server refused", () => {
  const problem = { limit: "latency", allowed: 1_000, needed: 2_500, detail: "" };
  const [one] = impossibleLimits({ ...NO_LIMITS, latency: 1_000 }, costs, { ...costs, problems: [problem] });
  expect(one?.detail).toBe("The smallest cell needs 2.5\u202fms; the limit is 1\u202fms.");
});
