// Whether an architecture takes images or text, derived from its metric.
import type { ArchitectureDetail } from "../../api/types";

export function kindOf({ metric }: Pick<ArchitectureDetail, "metric">): "image" | "text" {
  return metric === "perplexity" ? "text" : "image";
}
