import { afterEach, describe, expect, it, vi } from "vitest";

vi.unmock("./pace");
const { nextFrame, paced } = await import("./pace");

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

const FRAME = 1_000 / 60;

/** A clock that stands still until `pass`. Updates and drawing take `cost` milliseconds. */
function clock(cost: number, pressed = false) {
  let time = 0;
  let waiting: { due: number; run: () => void }[] = [];
  const later = (run: () => void, ms: number) => waiting.push({ due: time + ms, run });
  const ran: number[] = [];
  const nextFrame = () => (Math.floor(time / FRAME) + 1) * FRAME - time;
  const pace = paced({
    now: () => time,
    later,
    frame: (run) => later(run, nextFrame()),
    pressed: () => pressed,
  });
  const update = () => {
    ran.push(time);
    time += cost;
    during.splice(0).forEach((run) => void run());
  };
  /** what happens while the next update runs */
  const during: (() => void)[] = [];
  const pass = (ms: number) => {
    const end = time + ms;
    for (;;) {
      waiting.sort((a, b) => a.due - b.due);
      const [next] = waiting;
      if (!next || next.due > end) break;
      waiting = waiting.slice(1);
      time = Math.max(time, next.due);
      next.run();
    }
    time = Math.max(time, end);
  };
  return { request: () => pace(update), during, pass, ran };
}

const frames = (moments: readonly number[]) => moments.map((moment) => Math.round(moment / FRAME));

describe("updates", () => {
  it("run with the next frame when they are quick or rare", () => {
    const { request, pass, ran } = clock(1);
    for (let i = 0; i < 3; i++) {
      request();
      pass(60 * FRAME);
    }
    expect(frames(ran)).toEqual([1, 61, 121]);
  });
  it("take a tenth of the time when they are slow", () => {
    const { request, pass, ran } = clock(3 * FRAME);
    request();
    pass(6 * FRAME);
    request();
    pass(60 * FRAME);
    // one began at 1 and was drawn at 5, three frames more than nothing takes; so the next is 27 frames later
    expect(frames(ran)).toEqual([1, 33]);
  });
  it("wait no longer than two seconds", () => {
    const { request, pass, ran } = clock(24 * FRAME);
    request();
    pass(30 * FRAME);
    request();
    pass(300 * FRAME);
    expect(frames(ran)).toEqual([1, 26 + 120 + 1]);
  });
  it("wait for two seconds after a slow one while a pointer is pressed", () => {
    const { request, pass, ran } = clock(3 * FRAME, true);
    request();
    pass(6 * FRAME);
    request();
    pass(300 * FRAME);
    expect(frames(ran)).toEqual([1, 5 + 120 + 1]);
  });
  it("run with the next frame after a quick one while a pointer is pressed", () => {
    const { request, pass, ran } = clock(0, true);
    for (let i = 0; i < 3; i++) {
      request();
      pass(60 * FRAME);
    }
    expect(frames(ran)).toEqual([1, 61, 121]);
  });
  it("that come in while one runs wait as long", () => {
    const { request, during, pass, ran } = clock(3 * FRAME);
    during.push(request);
    request();
    pass(60 * FRAME);
    expect(frames(ran)).toEqual([1, 33]);
  });
});

it("a hidden page, which gets no frames, goes on by a timer", () => {
  vi.useFakeTimers();
  vi.stubGlobal("requestAnimationFrame", () => 1);
  const run = vi.fn();
  nextFrame(run);
  vi.advanceTimersByTime(1_000);
  expect(run).toHaveBeenCalledTimes(1);
});
