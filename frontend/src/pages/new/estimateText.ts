// How long a search takes, as text: no more exact than an estimate is. Pure.
import type { Estimate } from "../../api/types";
import { formatDuration } from "../../format/dates";
import { formatInteger } from "../../format/numbers";
import { joinWords, plural } from "../../format/text";

/** "about 4 min, 2 to 9 min" */
export function timeText({ low, middle, high }: NonNullable<Estimate["seconds"]>): string {
  const [least, most] = [rounded(low), rounded(high)];
  const about = `about ${rounded(middle)}`;
  if (least === most) return about;
  const [unit, ...others] = [least, most].map((text) => /^\d+\s(\D+)$/.exec(text)?.[1]);
  const start = unit !== undefined && unit === others[0] ? least.slice(0, -unit.length - 1) : least;
  return `${about}, ${start} to ${most}`;
}

/** The most that a group takes: its searches share the workers, but one may use those that another leaves idle. */
export const timeOfGroup = ({ high }: NonNullable<Estimate["seconds"]>, searches: number): string =>
  `at most ${rounded(high * searches)}`;

const STEPS: readonly (readonly [below: number, step: number])[] = [
  [60, 5],
  [3_600, 60],
  [86_400, 600],
  [Number.POSITIVE_INFINITY, 86_400],
];

function rounded(seconds: number): string {
  const step = STEPS.find(([below]) => seconds < below)?.[1] ?? 1;
  return formatDuration(Math.max(step, Math.round(seconds / step) * step));
}

/** "2 CPU workers, 1 of them at work, and 1 GPU worker" */
export function workersText(workers: Estimate["workers"]): string {
  return joinWords(
    workers.map(({ device, alive, busy }) => {
      const at = busy > 0 ? ` (${formatInteger(busy)} at work)` : "";
      return `${plural(alive, `${device} worker`)}${at}`;
    }),
  );
}

/** "1 other search uses the workers now. Until it ends, this one takes up to 2 times as long." */
export function sharingText(sharing: number): string {
  const [others, end] =
    sharing === 1
      ? ["1 other search uses", "it ends"]
      : [`${formatInteger(sharing)} other searches use`, "they end"];
  return `${others} the workers now. Until ${end}, this one takes up to ${formatInteger(sharing + 1)} times as long.`;
}

/** "170 trainings", "120 to 235 trainings" */
export function trainingsText(trainings: Estimate["trainings"]): string {
  return counted(trainings, "training");
}

/** "400 candidates scored", "100 to 400 candidates scored and 3 trained" */
export function scoresText({ low, high }: Estimate["trainings"], finalists: number): string {
  const scored = counted({ low: low - finalists, high: high - finalists }, "candidate");
  return `${scored} scored${finalists > 0 ? ` and ${formatInteger(finalists)} trained` : ""}`;
}

function counted({ low, high }: Pick<Estimate["trainings"], "low" | "high">, noun: string): string {
  return low === high ? plural(high, noun) : `${formatInteger(low)} to ${plural(high, noun)}`;
}
