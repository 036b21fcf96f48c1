// The latest news of a search as one sentence for a screen reader.
import { COSTS } from "../../format";
import type { View } from "../../live/events";

export function spoken(view: View): string {
  if (view.status === "finished" || view.status === "stopped" || view.status === "cancelled") {
    return `Search ${view.status} after ${view.step} steps.`;
  }
  const decided = view.history[view.history.length - 1];
  if (!decided) return view.status === "running" ? "Search started." : "";
  const [over] = view.over;
  const cut = `Step ${decided.step}. Edge ${decided.edge.replace("-", " to ")} cut.`;
  const words = over && COSTS.find((c) => c.key === over.limit);
  if (!over || !words) return `${cut} It fits every limit.`;
  const beyond = Math.max(1, Math.round((over.value / over.allowed - 1) * 100));
  return `${cut} ${words.show(over.value)} of ${words.show(over.allowed)} ${words.inline}, ${beyond} % over.`;
}
