import { expect, it } from "vitest";
import { describeLeft, describeWorkers } from "./timeLeft";

const spaced = (text: string | null) => text?.replaceAll("\u202f", " ").replaceAll("\u00a0", " ") ?? null;

it("says what is likely, the spread, and the steps", () => {
  expect(spaced(describeLeft({ seconds: [120, 250, 540], steps: [3, 12] }, 0))).toBe(
    "about 4 min left (2 min to 9 min), 3 to 12 steps",
  );
});

it("counts down from when it was counted, and never below nothing", () => {
  const left = { seconds: [10, 30, 50], steps: null } as const;
  expect(spaced(describeLeft({ ...left, seconds: [...left.seconds] }, 20))).toBe(
    "about 10 s left (0 s to 30 s)",
  );
  expect(spaced(describeLeft({ ...left, seconds: [...left.seconds] }, 40))).toBe("less than 10 s left");
  expect(describeLeft({ ...left, seconds: [...left.seconds] }, 90)).toBe("about to end");
});

it("says only what is known", () => {
  expect(describeLeft({ seconds: null, steps: [1, 1] }, 0)).toBe("1 step");
  expect(describeLeft({ seconds: null, steps: null }, 0)).toBeNull();
});

it("counts each worker once and names its devices", () => {
  const since = "2026-11-24T10:00:00Z";
  const workers = [
    { worker: "a", device: "GPU", since },
    { worker: "b", device: "CPU", since },
    { worker: "b", device: "CPU", since },
  ];
  expect(describeWorkers(workers)).toBe("on 2 workers (CPU and GPU)");
  expect(describeWorkers([])).toBeNull();
});
