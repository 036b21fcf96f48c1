// The network around the cell, as settings that two architectures may differ in.
import { formatInteger } from "../../format/numbers";
import type { Macro } from "../../live/events";

export interface Setting {
  readonly title: string;
  readonly a: string;
  readonly b: string;
}

/** The settings that differ; those that only one kind of network has are missing in the other. */
export function networkDiff(a: Macro, b: Macro): Setting[] {
  const [ofA, ofB] = [settingsOf(a), settingsOf(b)];
  const titles = [...new Set([...Object.keys(ofA), ...Object.keys(ofB)])];
  return titles
    .map((title) => ({ title, a: ofA[title] ?? "none", b: ofB[title] ?? "none" }))
    .filter((setting) => setting.a !== setting.b);
}

function settingsOf(macro: Macro): Record<string, string> {
  if (macro.kind === "text")
    return { Vocabulary: formatInteger(macro.vocabulary), "Hidden size": formatInteger(macro.hidden) };
  const [channels, height, width] = macro.input;
  const ends = {
    Input: `${formatInteger(height)}×${formatInteger(width)} px, ${formatInteger(channels)} channels`,
    Classes: formatInteger(macro.classes),
  };
  if (macro.kind === "chain") return { ...ends, Head: `${formatInteger(macro.head_filters)} channels` };
  const list = (values: readonly number[]) => values.map(formatInteger).join(", ");
  if (macro.kind === "nasbench201")
    return {
      ...ends,
      "Cells per stage": list(macro.scales.map(() => macro.cells)),
      "Channels per node": list(macro.scales.map((scale) => scale * macro.channels)),
    };
  const { stages } = macro;
  return {
    ...ends,
    Stem: `${formatInteger(macro.stem_filters)} channels, stride ${formatInteger(macro.stem_stride)}`,
    "Cells per stage": list(stages.map(({ cells }) => cells)),
    "Channels per node": list(stages.map(({ filters }) => filters)),
    "Strides of the stages": list(stages.map(({ stride }) => stride)),
    Head: macro.head_filters === null ? "none" : `${formatInteger(macro.head_filters)} channels`,
    Activation: macro.activation,
  };
}
