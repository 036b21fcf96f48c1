// The estimate of a preview where no worker is running.
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
