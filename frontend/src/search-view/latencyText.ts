// A measured latency as text: its spread and how it was measured.
import { formatLatency } from "../format/numbers";
import { plural } from "../format/text";
import type { Latency } from "../live/events";

/** "10th to 90th percentile 1.02 ms to 1.31 ms; 50 runs, 1 thread, onnxruntime 1.31, on a laptop" */
export function describeLatency({ low, high, repeats, threads, runtime, device }: Latency): string {
  const setting = `${plural(repeats, "run")}, ${plural(threads, "thread")}, ${runtime}`;
  return `10th to 90th percentile ${formatLatency(low)} to ${formatLatency(high)}; ${setting}, on ${device}`;
}
