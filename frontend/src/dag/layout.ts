// Lays out a cell once, from topological order alone: nodes on one line, each edge on its own piece of wire above or
// below. The layout does not depend on which edges are active, so a cut never moves anything.
//
// Wires are an interval colouring of the edges' spans, shortest first. On a complete graph the spans of one length fill
// min(length, n − length) wires, n²/4 in total. That is the largest number of edges across one gap, so it is minimal.
import { roundTo } from "../format/rounding";
import { type DagGraph, sortByRank } from "./graph";

export interface Tracks {
  /** node ids from left to right */
  order: readonly number[];
  /** wire of an edge: 1, 2, … above the nodes, −1, −2, … below, nearest first */
  wire: ReadonlyMap<string, number>;
  /** wires on the fuller side */
  levels: number;
}

export interface Box {
  width: number;
  height: number;
}

export interface Style {
  padLeft: number;
  padRight: number;
  padTop: number;
  nodeWidth: number;
  nodeHeight: number;
  radius: number;
  /** distance of the first port from the node's middle, and from port to port */
  firstPort: number;
  portGap: number;
}

export interface Run {
  d: string;
  /** x at its source and at its target */
  from: number;
  to: number;
  /** y of its wire, and of the node border where it starts */
  y: number;
  base: number;
  /** 1 above, −1 below */
  side: 1 | -1;
  middle: number;
}

export interface Geometry {
  box: Box;
  centre: number;
  nodeWidth: number;
  nodeHeight: number;
  x: ReadonlyMap<number, number>;
  runs: ReadonlyMap<string, Run>;
  /** y of all wires, drawn or not */
  wires: readonly number[];
  left: number;
  right: number;
}

interface Span {
  id: string;
  from: number;
  to: number;
}

export function assignTracks(graph: DagGraph): Tracks {
  const order = sortByRank(graph.nodes).map((node) => node.id);
  const place = new Map(order.map((id, i) => [id, i]));
  const spans: Span[] = [];
  for (const edge of graph.edges) {
    const from = place.get(edge.source);
    const to = place.get(edge.target);
    if (from !== undefined && to !== undefined && from < to) spans.push({ id: edge.id, from, to });
  }
  spans.sort((a, b) => a.to - a.from - (b.to - b.from) || a.from - b.from);

  const tracks: { taken: Uint8Array; spans: Span[] }[] = [];
  for (const span of spans) {
    let track = tracks.find((t) => isFree(t.taken, span));
    if (!track) {
      track = { taken: new Uint8Array(order.length), spans: [] };
      tracks.push(track);
    }
    track.taken.fill(1, span.from, span.to);
    track.spans.push(span);
  }
  return { order, ...pairWires(tracks.map((t) => t.spans)) };
}

function isFree(taken: Uint8Array, span: Span): boolean {
  for (let gap = span.from; gap < span.to; gap++) if (taken[gap]) return false;
  return true;
}

/** Assigns wires in pairs, one above and one below, so that no node has all its ports on one side. */
function pairWires(tracks: readonly (readonly Span[])[]): { wire: Map<string, number>; levels: number } {
  const wire = new Map<string, number>();
  const ports = new Map<string, number>();
  const crowding = (spans: readonly Span[], side: number) =>
    spans.reduce(
      (sum, s) => sum + (ports.get(`${s.from}>${side}`) ?? 0) + (ports.get(`${s.to}<${side}`) ?? 0),
      0,
    );
  const put = (spans: readonly Span[], side: number, level: number) => {
    for (const span of spans) {
      wire.set(span.id, side * level);
      for (const port of [`${span.from}>${side}`, `${span.to}<${side}`])
        ports.set(port, (ports.get(port) ?? 0) + 1);
    }
  };
  for (let i = 0; i < tracks.length; i += 2) {
    const one = tracks[i] ?? [];
    const two = tracks[i + 1] ?? [];
    const straight = crowding(one, 1) + crowding(two, -1);
    const swapped = crowding(one, -1) + crowding(two, 1);
    const side = straight <= swapped ? 1 : -1;
    put(one, side, i / 2 + 1);
    put(two, -side, i / 2 + 1);
  }
  return { wire, levels: Math.ceil(tracks.length / 2) };
}

/** Wide spacing on large screens, tight on phones; nodes shrink before they touch. */
export function layoutStyle(box: Box, nodes: number): Style {
  const small = box.width < 480;
  const padLeft = small ? 20 : 30;
  const padRight = small ? 30 : 48;
  const pitch = (box.width - padLeft - padRight) / Math.max(1, nodes - 1);
  return {
    padLeft,
    padRight,
    padTop: 8,
    nodeWidth: Math.max(2, Math.min(small ? 36 : 54, pitch * 0.78)),
    nodeHeight: small ? 34 : 36,
    radius: small ? 6 : 10,
    firstPort: 3,
    portGap: small ? 2.6 : 4.4,
  };
}

export function computeGeometry(graph: DagGraph, tracks: Tracks, box: Box, style: Style): Geometry {
  const { order, wire, levels } = tracks;
  const centre = box.height / 2;
  const pitch = order.length > 1 ? (box.width - style.padLeft - style.padRight) / (order.length - 1) : 0;
  const x = new Map(order.map((id, i) => [id, style.padLeft + i * pitch]));
  const reach = centre - style.nodeHeight / 2 - style.padTop;
  // The nearest wire has extra distance, so that its corners stay round.
  const gap = levels > 0 ? reach / levels : 0;
  const ports = placePorts(graph, wire, x, style);

  const runs = new Map<string, Run>();
  for (const edge of graph.edges) {
    const level = wire.get(edge.id);
    const port = ports.get(edge.id);
    if (level === undefined || !port) continue;
    const side = level > 0 ? 1 : -1;
    const base = centre - (side * style.nodeHeight) / 2;
    const y = base - side * Math.abs(level) * gap;
    runs.set(edge.id, run(port.from, port.to, y, base, side, style.radius));
  }
  const wires: number[] = [];
  for (let level = 1; level <= levels; level++) {
    for (const side of [1, -1]) wires.push(centre - side * (style.nodeHeight / 2 + level * gap));
  }
  return {
    box,
    centre,
    nodeWidth: style.nodeWidth,
    nodeHeight: style.nodeHeight,
    x,
    runs,
    wires,
    left: style.padLeft,
    right: style.padLeft + pitch * (order.length - 1),
  };
}

/** Edges leave from a node's right half and arrive on its left; outer wires take the inner ports, so none cross. */
function placePorts(
  graph: DagGraph,
  wire: ReadonlyMap<string, number>,
  x: ReadonlyMap<number, number>,
  style: Style,
): Map<string, { from: number; to: number }> {
  const groups = new Map<string, { node: number; direction: 1 | -1; ids: string[] }>();
  for (const edge of graph.edges) {
    const level = wire.get(edge.id);
    if (level === undefined) continue;
    const side = level > 0 ? "above" : "below";
    for (const [node, direction] of [[edge.source, 1] as const, [edge.target, -1] as const]) {
      const key = `${node} ${direction} ${side}`;
      const group = groups.get(key) ?? { node, direction, ids: [] };
      group.ids.push(edge.id);
      groups.set(key, group);
    }
  }
  const ports = new Map<string, { from: number; to: number }>();
  const room = Math.max(0.5, style.nodeWidth / 2 - style.firstPort - 2);
  for (const { node, direction, ids } of groups.values()) {
    ids.sort((a, b) => Math.abs(wire.get(b) ?? 0) - Math.abs(wire.get(a) ?? 0));
    const gap = ids.length > 1 ? Math.min(style.portGap, room / (ids.length - 1)) : 0;
    const start = ids.length > 1 ? 0 : room / 4;
    ids.forEach((id, i) => {
      const port = ports.get(id) ?? { from: 0, to: 0 };
      port[direction === 1 ? "from" : "to"] =
        (x.get(node) ?? 0) + direction * (style.firstPort + start + i * gap);
      ports.set(id, port);
    });
  }
  return ports;
}

function run(from: number, to: number, y: number, base: number, side: 1 | -1, radius: number): Run {
  const r = Math.max(0, Math.min(radius, Math.abs(y - base), (to - from) / 2));
  const n = (value: number) => roundTo(value, 1);
  const d =
    `M${n(from)} ${n(base)}V${n(y + side * r)}Q${n(from)} ${n(y)} ${n(from + r)} ${n(y)}` +
    `H${n(to - r)}Q${n(to)} ${n(y)} ${n(to)} ${n(y + side * r)}V${n(base)}`;
  return { d, from, to, y, base, side, middle: (from + to) / 2 };
}
