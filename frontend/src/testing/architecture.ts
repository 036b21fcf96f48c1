// For tests: an architecture as the server sends it.
import type { ArchitectureDetail } from "../api/types";

export function architecture(over: Partial<ArchitectureDetail> = {}): ArchitectureDetail {
  return {
    id: "a",
    name: "Alder",
    kind: "found",
    source: "",
    strategy: "autoshrink",
    dataset: "digits",
    nodes: 3,
    edges: 3,
    cost: {
      params: 1_000,
      params_no_bn: 900,
      macs: 20_000,
      peak_memory: { io: 1_000, live: 9_000, optimal: 8_192, exact: true },
      latency: null,
    },
    bytes_per_element: 4,
    metric: "accuracy",
    val_accuracy: 0.8,
    val_perplexity: null,
    published_accuracy: null,
    published_perplexity: null,
    created_at: "2026-11-24T10:00:00Z",
    search: "s1",
    graph: cell(["0-1", "0-2", "1-2"]),
    trained: 0,
    best_trained: null,
    notes: "",
    hash: "hash of a",
    alike: 0,
    owner: null,
    tags: [],
    archived: false,
    macro: {
      kind: "image",
      input: [1, 8, 8],
      classes: 10,
      stem_filters: 32,
      stem_stride: 1,
      stages: [{ filters: 16, cells: 1, stride: 1 }],
      head_filters: null,
      activation: "relu",
    },
    per_node: [],
    lineage: null,
    models: [],
    parent: null,
    budget: null,
    measurement: "short",
    space: { name: "cnn", settings: { nodes: 4 } },
    ...over,
  };
}

/** A cell with these edges and the nodes at their ends. `ops`: operations by node; the others are sep3. */
export function cell(
  edges: readonly string[],
  ops: Readonly<Record<number, string>> = {},
): ArchitectureDetail["graph"] {
  const read = edges.map((id) => {
    const [source = 0, target = 0] = id.split("-").map(Number);
    return { id, source, target };
  });
  const ids = [...new Set(read.flatMap(({ source, target }) => [source, target]))].sort((a, b) => a - b);
  const op = (id: number) => ops[id] ?? (id === 0 ? "input" : "sep3");
  return { nodes: ids.map((id) => ({ id, op: op(id), rank: id })), edges: read };
}
