// The limits of requests as the server tells them (search/network/limits.py).
import type { Limits } from "../api/engine";

export const REQUEST_LIMITS: Limits = {
  name: 120,
  notes: 5_000,
  tags: 12,
  tag: 40,
  device_name: 80,
  reason: 300,
  failure_message: 500,
  seed: 2 ** 31 - 1,
  repeats: 20,
  batch_size: 4_096,
  resolution: 2048,
  outputs: 1_000_000,
  width: 8192,
  bytes_per_element: [1, 2, 4, 8],
  budget: { params: 10 ** 12, macs: 10 ** 15, peak_memory: 10 ** 15, latency: 10 ** 10 },
  what_if: { nodes: 32, edges: 496, edits: 500, steps: 500_000 },
  upload: {
    bytes: 2_000_000_000,
    file_name: 200,
    min_side: 8,
    max_side: 224,
    min_vocabulary: 100,
    max_vocabulary: 50_000,
  },
};
