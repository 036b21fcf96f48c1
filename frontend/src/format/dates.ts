// Dates, times and durations as text: 24 hours, day before month, in the browser's time zone.
import { formatInteger, LOCALE, MISSING, withUnit } from "./numbers";

const DATE = { day: "numeric", month: "short", year: "numeric" } as const;
const MINUTES = { hour: "2-digit", minute: "2-digit", hourCycle: "h23" } as const;
const moments = new Intl.DateTimeFormat(LOCALE, { ...DATE, ...MINUTES });
const clock = new Intl.DateTimeFormat(LOCALE, { ...MINUTES, second: "2-digit" });

/** The date's parts; null if there is none or it cannot be read. */
function partsOf(iso: string | null | undefined): Record<string, string> | null {
  const date = iso ? new Date(iso) : null;
  if (!date || Number.isNaN(date.getTime())) return null;
  return Object.fromEntries(moments.formatToParts(date).map(({ type, value }) => [type, value]));
}

/** 29 Nov 2026 */
export function formatDay(iso: string | null | undefined): string {
  const parts = partsOf(iso);
  return parts ? `${parts.day} ${parts.month} ${parts.year}` : MISSING;
}

/** 29 Nov 2026, 17:22 */
export function formatDateTime(iso: string | null | undefined): string {
  const parts = partsOf(iso);
  return parts ? `${parts.day} ${parts.month} ${parts.year}, ${parts.hour}:${parts.minute}` : MISSING;
}

/** 17:22:05, for lists of events of one day. */
export function formatTime(iso: string): string {
  return clock.format(new Date(iso));
}

export function formatDuration(seconds: number): string {
  const amount = (size: number) => formatInteger(Math.floor(size));
  if (seconds < 60) return withUnit(amount(Math.max(0, seconds)), "s");
  if (seconds < 3_600) return withUnit(amount(seconds / 60), "min");
  if (seconds < 86_400)
    return `${withUnit(amount(seconds / 3_600), "h")} ${withUnit(amount((seconds % 3_600) / 60), "min")}`;
  return withUnit(amount(seconds / 86_400), "d");
}
