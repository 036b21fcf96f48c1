// For the form of a new search in tests: costs, and the estimate of a preview where no worker is running.
import type { components } from "../api/schema";

export const noEstimate: components["schemas"]["Estimate"] = {
  seconds: null,
  basis: null,
  why: "No worker is running.",
  items: 0,
  trainings: { low: 0, middle: 0, high: 0 },
  probe: null,
  workers: [],
  sharing: 0,
};

export const cost = (params: number, macs: number, live: number) => ({
  params,
  params_no_bn: params,
  macs,
  peak_memory: { io: live, live, optimal: null, exact: true },
  latency: null,
});
