// What an architecture's network reads, images or text, which its metric tells.
import type { ArchitectureDetail } from "../../api/types";

export function kindOf({ metric }: Pick<ArchitectureDetail, "metric">): "image" | "text" {
  return metric === "perplexity" ? "text" : "image";
}
