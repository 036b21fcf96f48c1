// What is left of a search, and where it runs, as text.
import { formatDuration } from "../format/dates";
import { formatInteger } from "../format/numbers";
import { joinWords, plural } from "../format/text";
import type { RunningOn, TimeLeft } from "../live/messages";

/** "about 4 min left (2 min to 9 min), 3 to 12 steps"; `age`: seconds since it was counted; null if nothing is known */
export function describeLeft({ seconds, steps }: TimeLeft, age: number): string | null {
  const parts = [seconds && describeSeconds(seconds, age), steps && describeSteps(steps)];
  return parts.filter(Boolean).join(", ") || null;
}

/** "on 2 workers (CPU, GPU)" */
export function describeWorkers(workers: readonly RunningOn[]): string | null {
  if (workers.length === 0) return null;
  const names = new Set(workers.map(({ worker }) => worker));
  const devices = [...new Set(workers.map(({ device }) => device))].sort();
  return `on ${plural(names.size, "worker")} (${joinWords(devices)})`;
}

function describeSeconds([low, middle, high]: readonly [number, number, number], age: number): string {
  const [least, likely, most] = [low, middle, high].map((value) => Math.max(0, value - age)) as [
    number,
    number,
    number,
  ];
  // What took longer than expected is not counted below nothing.
  if (likely < 1) return most < 1 ? "about to end" : `less than ${formatDuration(Math.max(1, most))} left`;
  return `about ${formatDuration(likely)} left (${formatDuration(least)} to ${formatDuration(most)})`;
}

function describeSteps([least, most]: readonly [number, number]): string {
  if (least === most) return plural(most, "step");
  return `${formatInteger(least)} to ${plural(most, "step")}`;
}
