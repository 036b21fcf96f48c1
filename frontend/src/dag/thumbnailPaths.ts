// Paths of a cell's thumbnails: a trellis for candidates, a triangular matrix for steps. A thumbnail is only a few paths,
// because a page shows dozens of them.
import { roundTo } from "../format/rounding";
import { type DagGraph, sortByRank } from "./graph";
import { assignTracks, computeGeometry, type Run, type Tracks } from "./layout";

export interface ThumbnailPaths {
  /** active edges that are neither cut nor locked */
  live: string;
  gone: string;
  cut: string;
  locked: string;
}

export interface TrellisPaths extends ThumbnailPaths {
  dots: { id: number; x: number; y: number; gone: boolean }[];
}

export interface EdgeGroups {
  /** active edges; all others are removed */
  live: ReadonlySet<string>;
  cut?: ReadonlySet<string>;
  locked?: ReadonlySet<string>;
}

const KINDS: readonly (keyof ThumbnailPaths)[] = ["live", "gone", "cut", "locked"];

interface Placed {
  runs: ReadonlyMap<string, Run>;
  x: ReadonlyMap<number, number>;
}

const placements = new WeakMap<DagGraph, Map<string, Placed>>();
const tracksByGraph = new WeakMap<DagGraph, Tracks>();

/** The cell as a trellis, laid out for the whole `graph` so that all thumbnails of a search align. */
export function trellisPaths(
  graph: DagGraph,
  parts: EdgeGroups,
  width: number,
  height: number,
): TrellisPaths {
  const { runs, x } = placement(graph, width, height);
  const picture: TrellisPaths = { live: "", gone: "", cut: "", locked: "", dots: [] };
  const reached = new Set<number>();
  for (const edge of graph.edges) {
    if (!parts.live.has(edge.id)) continue;
    reached.add(edge.source).add(edge.target);
    const kind = parts.cut?.has(edge.id) ? "cut" : parts.locked?.has(edge.id) ? "locked" : "live";
    picture[kind] += runs.get(edge.id)?.d ?? "";
  }
  const order = sortByRank(graph.nodes);
  picture.dots = order.map((node, i) => ({
    id: node.id,
    x: x.get(node.id) ?? 0,
    y: height / 2,
    gone: i > 0 && !reached.has(node.id),
  }));
  return picture;
}

/** The upper triangle as four paths of squares; readable at 36 px. */
export function trianglePaths(graph: DagGraph, parts: EdgeGroups, size: number): ThumbnailPaths {
  const order = sortByRank(graph.nodes);
  const place = new Map(order.map((node, i) => [node.id, i]));
  const side = size / Math.max(1, order.length - 1);
  // Squares smaller than a pixel are drawn as one: a large graph would make a path of thousands of them.
  const group = Math.max(1, Math.ceil(1 / side));
  const cell = side * group;
  const drawn = new Set<number>();
  const inset = Math.min(0.5, cell * 0.12);
  const picture: ThumbnailPaths = { live: "", gone: "", cut: "", locked: "" };
  for (const edge of graph.edges) {
    const row = Math.floor((place.get(edge.source) ?? 0) / group);
    const column = Math.floor(((place.get(edge.target) ?? 1) - 1) / group);
    const kind = !parts.live.has(edge.id)
      ? "gone"
      : parts.cut?.has(edge.id)
        ? "cut"
        : parts.locked?.has(edge.id)
          ? "locked"
          : "live";
    if (group > 1) {
      const key = (row * size + column) * KINDS.length + KINDS.indexOf(kind);
      if (drawn.has(key)) continue;
      drawn.add(key);
    }
    // The square of the cut edge must be easy to find among a hundred, so it overlaps its neighbours.
    const margin = kind === "gone" ? cell * 0.36 : kind === "cut" && cell < 5 ? -cell * 0.35 : inset;
    const s = roundTo(cell - 2 * margin, 2);
    picture[kind] +=
      `M${roundTo(column * cell + margin, 2)} ${roundTo(row * cell + margin, 2)}h${s}v${s}h-${s}z`;
  }
  return picture;
}

function placement(graph: DagGraph, width: number, height: number): Placed {
  const sizes = placements.get(graph) ?? new Map<string, Placed>();
  placements.set(graph, sizes);
  const key = `${width} ${height}`;
  let found = sizes.get(key);
  if (!found) {
    const tracks = tracksByGraph.get(graph) ?? assignTracks(graph);
    tracksByGraph.set(graph, tracks);
    found = computeGeometry(
      graph,
      tracks,
      { width, height },
      {
        padLeft: 4,
        padRight: 4,
        padTop: 1.5,
        nodeWidth: Math.min(width / 9, (width - 8) / Math.max(1, graph.nodes.length)),
        nodeHeight: 3,
        radius: 2.5,
        firstPort: 0.6,
        portGap: 1.1,
      },
    );
    sizes.set(key, found);
  }
  return found;
}
