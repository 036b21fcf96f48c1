import { expect, it } from "vitest";
import type { Preview } from "../../api/types";
import { NO_LIMITS } from "./budget";
import { impossible, outlook } from "./verdict";

const cost = (params: number, macs: number, live: number) => ({
  params,
  params_no_bn: params,
  macs,
  peak_memory: { io: live, live, optimal: null },
});
const costs: Preview = {
  dense: cost(151_226, 27_323_000, 147_456),
  smallest: cost(7_700, 2_460_000, 65_536),
  graph: { nodes: [], edges: [] },
  fits: true,
  problems: [],
  evaluations: 235,
};

it("refuses a limit below the smallest graph at once, with the number needed", () => {
  const [one, ...rest] = impossible({ ...NO_LIMITS, peak_memory: 49_152 }, costs, undefined);
  expect(rest).toEqual([]);
  expect(one?.needed).toBe(65_536);
  expect(one?.detail).toBe("The smallest cell needs 64 KiB; you allow 48 KiB.");
});

it("takes the server's sentence, but not one about limits that have changed since", () => {
  const answer = {
    ...costs,
    problems: [
      { limit: "params", allowed: 8_000, needed: 9_000, detail: "Together with MACs it needs 9000." },
    ],
  };
  expect(impossible({ ...NO_LIMITS, params: 8_000 }, costs, answer)[0]?.detail).toMatch(/Together/);
  expect(impossible({ ...NO_LIMITS, params: 8_500 }, costs, answer)).toEqual([]);
});

it("says what the limits ask of the search", () => {
  expect(outlook(NO_LIMITS, costs).lead).toBe("No limits");
  expect(outlook({ params: 80_000, macs: 4e6, peak_memory: 98_304 }, costs)).toEqual({
    lead: "Can fit all three",
    more: "The dense cell is over every limit; the smallest is under. Tightest: MACs.",
  });
  expect(outlook({ ...NO_LIMITS, params: 200_000 }, costs).more).toMatch(/nothing has to go/);
});
