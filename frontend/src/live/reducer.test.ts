// Every golden stream, folded here and in search/view.py, ends in the same view.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { SearchEvent, View } from "./events";
import { apply, emptyView } from "./reducer";

const GOLDEN = join(import.meta.dirname, "../../../tests/fixtures/golden");
const streams = existsSync(GOLDEN) ? readdirSync(GOLDEN).filter((name) => name.endsWith(".jsonl")) : [];

function read(name: string): SearchEvent[] {
  return readFileSync(join(GOLDEN, name), "utf8")
    .split("\n")
    .filter(Boolean)
    .map((line) => JSON.parse(line));
}

function expected(name: string): View {
  return JSON.parse(readFileSync(join(GOLDEN, name.replace(/\.jsonl$/, ".view.json")), "utf8"));
}

it("has golden streams to compare with", () => {
  expect(streams.length).toBeGreaterThan(0);
});

describe.each(streams)("%s", (name) => {
  it("ends in the view that the server has", () => {
    expect(read(name).reduce(apply, emptyView())).toEqual(expected(name));
  });

  it("ends the same for whoever joins with any stored view", () => {
    const events = read(name);
    const whole = events.reduce(apply, emptyView());
    for (const seq of [1, Math.floor(events.length / 3), events.length - 1]) {
      const stored: View = JSON.parse(JSON.stringify(events.slice(0, seq).reduce(apply, emptyView())));
      expect(events.slice(seq).reduce(apply, stored)).toEqual(whole);
    }
  });

  it("is not moved by an event that comes twice", () => {
    const events = read(name);
    const twice = events.flatMap((event) => [event, event]);
    expect(twice.reduce(apply, emptyView())).toEqual(events.reduce(apply, emptyView()));
  });

  it("never changes a view in place", () => {
    let view = emptyView();
    for (const event of read(name)) {
      const before = JSON.stringify(view);
      const after = apply(view, event);
      expect(JSON.stringify(view)).toBe(before);
      view = after;
    }
  });
});
