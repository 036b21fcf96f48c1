// For tests: the golden streams of the engine, and what its strategies say of some of their moments.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { SearchEvent, Snapshot } from "../live/events";

const FOLDER = join(import.meta.dirname, "../../../tests/fixtures/golden");

/** Their names, such as "steered". */
export function goldenStreams(): string[] {
  return readdirSync(FOLDER)
    .filter((name) => name.endsWith(".jsonl"))
    .map((name) => name.replace(/\.jsonl$/, ""));
}

export function readGolden(name: string): SearchEvent[] {
  const lines = readFileSync(join(FOLDER, `${name}.jsonl`), "utf8")
    .split("\n")
    .filter(Boolean);
  return lines.map((line) => JSON.parse(line));
}

/** Snapshots after some events, by the number of the last of these. */
export function goldenSnapshots(name: string): [seq: number, snapshot: Snapshot][] {
  return JSON.parse(readFileSync(join(FOLDER, `${name}.snapshots.json`), "utf8"));
}
