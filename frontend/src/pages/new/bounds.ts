// Bounds of settings that follow from the dataset and from the dense cell, which the engine's schemas cannot know. Pure.
import type { Dataset, Graph } from "../../api/types";
import { plural } from "../../format/text";
import type { ConfigField } from "../../ui/forms/schema";
import type { Factors } from "./factors";

/** `dense`: the dense cell of these settings, null until it is known. */
export function withBounds(
  factors: Factors,
  dataset: Pick<Dataset, "classes" | "counts"> | undefined,
  dense: Graph | null,
): Factors {
  const narrow = (field: ConfigField): ConfigField => {
    if (field.name === "keep_edges" && dense) return { ...field, ...edgeBounds(dense) };
    if (field.name === "images" && dataset) return { ...field, ...imageBounds(dataset) };
    return field;
  };
  const { strategy, evaluator } = factors.settings;
  return {
    ...factors,
    settings: {
      ...factors.settings,
      strategy: { ...strategy, schema: strategy.schema.map(narrow) },
      evaluator: { ...evaluator, schema: evaluator.schema.map(narrow) },
    },
  };
}

function edgeBounds({ nodes, edges }: Graph): Partial<ConfigField> {
  const sizes = [plural(nodes.length, "node"), plural(edges.length, "edge")];
  return { max: edges.length, why: `A cell of ${sizes[0]} has ${sizes[1]}` };
}

function imageBounds({ classes, counts }: Pick<Dataset, "classes" | "counts">): Partial<ConfigField> {
  const all = plural(counts.train, "training image");
  const each = classes === null ? "" : ` of ${plural(classes, "class", "classes")}`;
  return { max: counts.train, ...(classes !== null && { least: classes }), why: `There are ${all}${each}` };
}
