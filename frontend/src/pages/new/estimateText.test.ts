import { expect, it } from "vitest";
import { scoresText, sharingText, timeText, trainingsText, workersText } from "./estimateText";

it.each([
  [3, 4, 4, "about 5 s"],
  [20, 31, 44, "about 30 s, 20 to 45 s"],
  [118, 251, 540, "about 4 min, 2 to 9 min"],
  [40, 70, 150, "about 1 min, 40 s to 3 min"],
  [3_000, 5_300, 9_100, "about 1 h 30 min, 50 min to 2 h 30 min"],
])("from %d over %d to %d seconds is %s", (low, middle, high, text) => {
  expect(timeText({ low, middle, high }).replaceAll("\u202f", " ")).toBe(text);
});

it("says how much longer a search takes while others run", () => {
  expect(sharingText(1)).toBe(
    "1 other search uses the workers now. Until it ends, this one takes up to 2 times as long.",
  );
  expect(sharingText(3)).toContain(
    "3 other searches use the workers now. Until they end, this one takes up to 4 times",
  );
});

it("counts the candidates that are scored, and those of them that are trained in the end", () => {
  expect(scoresText({ low: 400, middle: 400, high: 400 }, 0)).toBe("400 candidates scored");
  expect(scoresText({ low: 103, middle: 203, high: 5_003 }, 3)).toBe(
    "100 to 5,000 candidates scored and 3 trained",
  );
});

it("counts trainings and workers", () => {
  expect(trainingsText({ low: 20, middle: 20, high: 20 })).toBe("20 trainings");
  expect(trainingsText({ low: 120, middle: 170, high: 1_235 })).toBe("120 to 1,235 trainings");
  const crews = [
    { device: "CPU", alive: 2, busy: 1 },
    { device: "GPU", alive: 1, busy: 0 },
  ] as const;
  expect(workersText([...crews])).toBe("2 CPU workers (1 at work) and 1 GPU worker");
});
