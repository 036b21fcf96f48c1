import { describe, expect, it } from "vitest";
import { formatDateTime, formatDay, formatDuration, formatTime } from "./dates";

const local = new Date(2026, 10, 29, 17, 22, 5).toISOString();

describe("dates as text", () => {
  it("uses 24 hours and the day before the month", () => {
    expect([formatDateTime(local), formatDay(local), formatTime(local)]).toEqual([
      "29 Nov 2026, 17:22",
      "29 Nov 2026",
      "17:22:05",
    ]);
  });
  it("starts a day at 00:00", () => {
    expect(formatDateTime(new Date(2026, 0, 2, 0, 5).toISOString())).toBe("2 Jan 2026, 00:05");
  });
  it("shows a dash for a date that is missing or invalid", () => {
    expect([formatDateTime(null), formatDateTime("yesterday")]).toEqual(["–", "–"]);
  });
  it("shows durations in a suitable unit", () => {
    expect([42, 125, 3_700, 200_000].map((s) => formatDuration(s).replaceAll("\u202f", " "))).toEqual([
      "42 s",
      "2 min",
      "1 h 1 min",
      "2 d",
    ]);
  });
});
