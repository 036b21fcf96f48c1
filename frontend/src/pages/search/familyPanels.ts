// Which panels the page of a search has besides those of every search, by its strategy.
import type { ComponentType } from "react";
import { EvidencePanel } from "../../panels/evidence/EvidencePanel";
import { PopulationPanel } from "../../panels/population/PopulationPanel";
import type { PanelProps } from "../../panels/selection/panelProps";

const FAMILY_PANELS: Readonly<Record<string, readonly ComponentType<PanelProps>[]>> = {
  autoshrink: [EvidencePanel],
  random: [PopulationPanel],
  evolution: [PopulationPanel],
  zico: [PopulationPanel],
};

/** None for a strategy that this page does not know. */
export function panelsOf(strategy: string): readonly ComponentType<PanelProps>[] {
  return FAMILY_PANELS[strategy] ?? [];
}
