import { deflateSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { LogBuilder } from "../testing/logBuilder";
import type { SearchEvent } from "./events";
import { isHistoric } from "./history";
import { lineOf } from "./line";
import type { ServerMessage } from "./messages";
import { backoff, type Link, openLink, type SocketEnvironment, type Verdict } from "./socket";
import { createLiveStore, fillGap, receive } from "./store";

const locked = (seq: number): SearchEvent => ({
  v: 2,
  seq,
  branch: 0,
  round: 0,
  kind: "edge_locked",
  at: "2026-11-24T10:00:00Z",
  payload: { edge: "0-1" },
});

const events = (from: number, to: number): ServerMessage => ({
  type: "events",
  from_seq: from,
  to_seq: to,
  events: Array.from({ length: to - from + 1 }, (_, i) => locked(from + i)),
});

describe("receiving", () => {
  it("folds a batch into one change", () => {
    const store = createLiveStore();
    let changes = 0;
    store.subscribe(() => {
      changes += 1;
    });
    expect(receive(store, [events(1, 2), events(3, 5)], 7)).toBeUndefined();
    expect(store.getState().view.seq).toBe(5);
    expect(store.getState().lastMessageAt).toBe(7);
    expect(changes).toBe(1);
  });
  it("reconnects after a gap, and keeps the messages before it", () => {
    const store = createLiveStore();
    expect(receive(store, [events(1, 2), events(4, 5)], 0)).toBe("again");
    expect(store.getState().view.seq).toBe(2);
  });
  it("ignores events that came before", () => {
    const store = createLiveStore();
    receive(store, [events(1, 4), events(2, 5)], 0);
    expect(store.getState().view.seq).toBe(5);
    expect(store.getState().segment.map(({ seq }) => seq)).toEqual([1, 2, 3, 4, 5]);
  });
});

describe("a socket that starts at a snapshot", () => {
  const log = new LogBuilder().decide("1-2").decide("1-3").snapshot().decide("0-3");
  const start = log.events.findIndex(({ kind }) => kind === "snapshot");
  const late = (from = start): ServerMessage => {
    const rest = log.events.slice(from);
    return { type: "events", from_seq: from + 1, to_seq: log.events.length, events: rest };
  };

  it("has the whole view at once, and the history from there", () => {
    const store = createLiveStore();
    expect(receive(store, [late()], 0)).toBeUndefined();
    const { view, history, gap } = store.getState();
    expect({ ...view, log: [] }).toEqual({ ...log.view, log: [] });
    expect(gap).toEqual({ since: 0, before: start + 1 });
    expect(lineOf(history, 0).steps.map(({ step }) => step)).toEqual([3]);
  });
  it("has the whole history once the events before it are read", () => {
    const store = createLiveStore();
    receive(store, [late()], 0);
    const gap = store.getState().gap;
    if (!gap) throw new Error("nothing is missing");
    log.decide("0-2");
    receive(store, [late()], 0);
    fillGap(store, gap, log.events.slice(0, start).filter(isHistoric));
    expect(store.getState().history.branches).toEqual(log.history.branches);
    expect(store.getState().gap).toBeNull();
  });
  it("goes on from there when it is far behind later", () => {
    const store = createLiveStore();
    receive(store, [{ type: "events", from_seq: 1, to_seq: 3, events: log.events.slice(0, 3) }], 0);
    expect(receive(store, [late()], 0)).toBeUndefined();
    expect(store.getState().gap).toEqual({ since: 3, before: start + 1 });
    // The list of events begins after the gap; what was missed is read on demand.
    expect(store.getState().view.log.every(({ seq }) => seq > start)).toBe(true);
    fillGap(store, { since: 3, before: start + 1 }, log.events.slice(3, start).filter(isHistoric));
    expect(store.getState().history.branches).toEqual(log.history.branches);
  });
  it("keeps the events since the last snapshot alone", () => {
    const store = createLiveStore();
    receive(store, [late(0)], 0);
    expect(store.getState().segment).toEqual(log.events.slice(start));
    expect(store.getState().gap).toBeNull();
  });
});

/** A fake browser: the test controls sockets, timers and frames. */
function bench(later?: SocketEnvironment["later"], forget?: SocketEnvironment["forget"]) {
  const sockets: { url: string; socket: WebSocket; closed: boolean }[] = [];
  let timers: { id: number; run: () => void; ms: number }[] = [];
  let ids = 0;
  let network: (online: boolean) => void = () => {};
  const frames: (() => void)[] = [];
  const states: string[] = [];
  const batches: unknown[][] = [];
  let seq = 0;
  let verdict: Verdict | undefined;
  const environment: SocketEnvironment = {
    open: (url) => {
      const entry = { url, closed: false, socket: {} as WebSocket };
      entry.socket.close = () => {
        entry.closed = true;
      };
      sockets.push(entry);
      return entry.socket;
    },
    later:
      later ??
      ((run, ms) => {
        ids += 1;
        timers.push({ id: ids, run, ms });
        return ids;
      }),
    forget:
      forget ??
      ((id) => {
        timers = timers.filter((timer) => timer.id !== id);
      }),
    random: () => 0.5,
    frame: (run) => frames.push(run),
    network: (changed) => {
      network = changed;
      return () => {
        network = () => {};
      };
    },
  };
  const link: Link<unknown> = {
    url: () => `since=${seq}`,
    batch: (messages) => {
      batches.push(messages);
      return verdict;
    },
    state: (state) => states.push(state),
    signedOut: () => states.push("signed out"),
  };
  const close = openLink(link, environment);
  const latest = () => sockets[sockets.length - 1];
  return {
    sockets,
    timers: () => timers,
    network: (online: boolean) => network(online),
    states,
    batches,
    close,
    knows: (value: number) => {
      seq = value;
    },
    answers: (value: Verdict | undefined) => {
      verdict = value;
    },
    opens: () => latest()?.socket.onopen?.(new Event("open")),
    frame: (data: string | ArrayBuffer) => latest()?.socket.onmessage?.({ data } as MessageEvent),
    deliver: (...messages: unknown[]) => {
      for (const m of messages) latest()?.socket.onmessage?.({ data: JSON.stringify(m) } as MessageEvent);
    },
    fails: (code = 1006) => latest()?.socket.onclose?.({ code } as CloseEvent),
    draws: () => frames.splice(0).forEach((run) => void run()),
    waits: () => timers.splice(0).forEach((timer) => void timer.run()),
  };
}

describe("the link", () => {
  it("passes on the messages of one frame as one batch", () => {
    const b = bench();
    b.opens();
    b.deliver(1, 2, 3);
    expect(b.batches).toEqual([]);
    b.draws();
    expect(b.batches).toEqual([[1, 2, 3]]);
  });
  it("resumes after the last event seen", () => {
    const b = bench();
    b.opens();
    b.knows(41);
    b.fails();
    b.waits();
    expect(b.sockets.map((s) => s.url)).toEqual(["since=0", "since=41"]);
    expect(b.states).toEqual(["connecting", "live", "lost"]);
  });
  it("reconnects at once when messages are missing", () => {
    const b = bench();
    b.opens();
    b.answers("again");
    b.deliver(1);
    b.draws();
    expect(b.sockets).toHaveLength(2);
    expect(b.sockets[0]?.closed).toBe(true);
  });
  it("keeps the order of messages, compressed or not", async () => {
    const b = bench();
    b.opens();
    const { buffer, byteOffset, byteLength } = deflateSync(JSON.stringify({ long: "x".repeat(100_000) }));
    b.frame(buffer.slice(byteOffset, byteOffset + byteLength) as ArrayBuffer);
    b.deliver(2, 3);
    await vi.waitUntil(() => {
      b.draws();
      return b.batches.flat().length === 3;
    });
    expect(b.batches.flat()).toEqual([{ long: "x".repeat(100_000) }, 2, 3]);
    b.deliver(4);
    b.draws();
    expect(b.batches.at(-1)).toEqual([4]);
  });
  it("connects again after a frame that cannot be decompressed", async () => {
    const b = bench();
    b.opens();
    b.frame(new Uint8Array([1, 2, 3]).buffer);
    await vi.waitUntil(() => b.states.at(-1) === "lost");
    b.waits();
    expect(b.sockets).toHaveLength(2);
    expect(b.sockets[0]?.closed).toBe(true);
    const first = b.timers().length;
    b.opens();
    b.frame(new Uint8Array([1, 2, 3]).buffer);
    await vi.waitUntil(() => b.states.filter((state) => state === "lost").length === 2);
    expect(first).toBe(1); // waits for silence
    expect(b.timers().map(({ ms }) => ms)).toEqual([750]); // longer than the 375 ms of the first time
  });
  it("drops a compressed message that is ready after the socket was left", async () => {
    const b = bench();
    b.opens();
    b.frame(new Uint8Array(deflateSync("1")).buffer);
    b.close();
    await new Promise((done) => setTimeout(done, 50));
    b.draws();
    expect(b.batches).toEqual([]);
  });
  it("waits longer each time, up to a limit, with jitter", () => {
    expect([0, 1, 2, 10].map((n) => backoff(n, () => 1))).toEqual([500, 1_000, 2_000, 15_000]);
    expect(backoff(2, () => 0)).toBe(1_000);
  });
  it("stops when there is no such search for the user", () => {
    const b = bench();
    b.fails(4404);
    expect(b.timers()).toEqual([]);
    expect(b.states).toEqual(["connecting", "gone"]);
  });
  it("stops and says so when the session has ended", () => {
    const b = bench();
    b.fails(4401);
    expect(b.timers()).toEqual([]);
    expect(b.states).toEqual(["connecting", "lost", "signed out"]);
  });
  it("is silent once closed", () => {
    const b = bench();
    b.opens();
    b.deliver(1);
    b.close();
    b.draws();
    b.fails();
    expect(b.batches).toEqual([]);
    expect(b.timers()).toEqual([]);
  });

  describe("with the browser's clock", () => {
    beforeEach(() => void vi.useFakeTimers());
    afterEach(() => void vi.useRealTimers());

    const open = () => {
      const b = bench((run, ms) => window.setTimeout(run, ms), window.clearTimeout.bind(window));
      b.opens();
      return b;
    };

    it("takes nine seconds without a message for a dead line, says so and reconnects within half a second", () => {
      const b = open();
      b.deliver(1);
      b.draws();
      vi.advanceTimersByTime(8_999);
      expect(b.states).toEqual(["connecting", "live"]);
      vi.advanceTimersByTime(1);
      expect(b.states).toEqual(["connecting", "live", "lost"]);
      vi.advanceTimersByTime(500);
      expect(b.sockets.map(({ closed }) => closed)).toEqual([true, false]);
      b.opens();
      expect(b.states.at(-1)).toBe("live");
    });
    it("stays live by heartbeats, which are no messages of the page", () => {
      const b = open();
      for (let i = 0; i < 10; i++) {
        vi.advanceTimersByTime(4_000);
        b.deliver({ type: "heartbeat" });
      }
      b.draws();
      expect(b.states).toEqual(["connecting", "live"]);
      expect(b.batches).toEqual([]);
    });
    it("gives up a connection that never opens", () => {
      const b = bench((run, ms) => window.setTimeout(run, ms), window.clearTimeout.bind(window));
      vi.advanceTimersByTime(9_500);
      expect(b.sockets).toHaveLength(2);
    });
    it("waits longer between connections on a line too slow for one message", () => {
      const b = bench((run, ms) => window.setTimeout(run, ms), window.clearTimeout.bind(window));
      const opened: number[] = [];
      for (let second = 0; second < 120; second++) {
        if (b.sockets.length > opened.length) opened.push(second);
        b.opens();
        vi.advanceTimersByTime(1_000);
      }
      const gaps = opened.slice(1).map((at, i) => at - (opened[i] ?? 0));
      expect(gaps.slice(0, 6)).toEqual([10, 10, 10, 12, 15, 20]);
    });
    it("is lost when the network goes, and back at once when it returns", () => {
      const b = open();
      b.network(false);
      expect(b.states.at(-1)).toBe("lost");
      expect(b.sockets[0]?.closed).toBe(true);
      b.network(true);
      expect(b.sockets).toHaveLength(2);
      b.opens();
      expect(b.states.at(-1)).toBe("live");
    });
    it("tries again without a network too, since the studio may be on this machine", () => {
      const b = open();
      b.network(false);
      vi.advanceTimersByTime(500);
      expect(b.sockets).toHaveLength(2);
    });
    it("stays gone whatever the network does", () => {
      const b = open();
      b.fails(4404);
      b.network(false);
      b.network(true);
      vi.advanceTimersByTime(60_000);
      expect(b.sockets).toHaveLength(1);
    });
    it("leaves no timer once closed", () => {
      const b = open();
      b.close();
      expect(vi.getTimerCount()).toBe(0);
    });
  });
});
