// The cell in layers: the same states and the same selection as the trellis. The drawing is loaded when it is first shown.
import { lazy, Suspense, useCallback, useMemo } from "react";
import type { DagGraph, Scene, Target } from "../../dag/graph";
import { cellSizes, layersOfCell } from "../../dag/layered/cell";
import type { View } from "../../live/view";
import { Loading } from "../../ui/Notice";
import type { Selection } from "../selection/useViewState";

const LayeredView = lazy(() =>
  import("../../dag/layered/LayeredView").then((module) => ({ default: module.LayeredView })),
);

interface CellLayersProps {
  graph: DagGraph;
  view: View;
  scene: Scene;
  label: string;
  selection: Selection;
  onKey: (key: string) => boolean;
}

export function CellLayers({ graph, view, scene, label, selection, onKey }: CellLayersProps) {
  const { macro } = view;
  const layered = useMemo(() => layersOfCell(graph, macro && cellSizes(macro)), [graph, macro]);
  const { edges, nodes } = scene;
  const labels = useMemo(
    () =>
      new Map<Target, string>([
        ...edges.map((edge) => [edge.id, edge.label] as const),
        ...nodes.map((node) => [String(node.id), node.label] as const),
      ]),
    [edges, nodes],
  );
  const describe = useCallback((target: Target) => labels.get(target) ?? "", [labels]);
  return (
    <Suspense fallback={<Loading>Loading the drawing…</Loading>}>
      <LayeredView
        graph={layered}
        scene={scene}
        focus={selection.focused}
        chosen={selection.chosen}
        label={label}
        describe={describe}
        onHover={selection.hover}
        onPick={selection.pick}
        onKey={onKey}
      />
    </Suspense>
  );
}
