// Every number that a page shows is written here, in one locale: grouped as 1,797, with a minus character, and a missing
// value as a dash. No other module may format a number; sources.test.ts checks that.

import { withoutNoise } from "./rounding";

export const LOCALE = "en-US";
export const MISSING = "–";
/** between a number and its unit: narrow, and does not wrap */
const GAP = "\u202f";
const MINUS = "−";

export type Maybe = number | null | undefined;

function writer(options: Intl.NumberFormatOptions = {}): (value: number) => string {
  const format = new Intl.NumberFormat(LOCALE, options);
  return (value) => {
    const text = format
      .formatToParts(value)
      .map(({ type, value: part }) => (type === "minusSign" ? MINUS : part));
    const joined = text.join("");
    return /[1-9]/.test(joined) ? joined : joined.replace(MINUS, ""); // never −0
  };
}

const general = writer({ maximumFractionDigits: 12 });
const whole = writer({ maximumFractionDigits: 0 });
/** The rule for all numbers with a unit: three significant digits, no trailing zeros, no digit lost before the point. */
const short = writer({
  maximumSignificantDigits: 3,
  maximumFractionDigits: 0,
  roundingPriority: "morePrecision",
});
const four = writer({ maximumSignificantDigits: 4 });
/** From here on a number without a unit is written in thousands or millions. */
const FOLDED = 10_000;
const brief = writer({ maximumSignificantDigits: 4, useGrouping: false });
const fixed = Array.from({ length: 7 }, (_, digits) =>
  writer({ minimumFractionDigits: digits, maximumFractionDigits: digits }),
);
const percents = [0, 1].map((digits) =>
  writer({ style: "percent", minimumFractionDigits: digits, maximumFractionDigits: digits }),
);
const percentTick = writer({ style: "percent", maximumFractionDigits: 2 });

function shown(value: Maybe, write: (value: number) => string): string {
  return typeof value === "number" && !Number.isNaN(value) ? write(value) : MISSING;
}

/** A number with the decimals that it has: 1,797, 0.1. */
export function formatNumber(value: Maybe): string {
  return shown(value, general);
}

/** A whole number: 1,797. */
export function formatInteger(value: Maybe): string {
  return shown(value, whole);
}

/** A number with a fixed count of decimals, so that a column or an axis lines up: −4.50. */
export function formatFixed(value: Maybe, digits: number): string {
  return shown(value, fixed[digits] ?? general);
}

export interface Unit {
  /** empty for the number itself */
  readonly sign: string;
  readonly one: number;
}

export const COUNT_UNITS: readonly Unit[] = [
  { sign: "", one: 1 },
  { sign: "k", one: 1e3 },
  { sign: "M", one: 1e6 },
  { sign: "G", one: 1e9 },
];
export const BYTE_UNITS: readonly Unit[] = [
  { sign: "B", one: 1 },
  { sign: "KiB", one: 1024 },
  { sign: "MiB", one: 1024 ** 2 },
  { sign: "GiB", one: 1024 ** 3 },
];
/** Latency is measured in microseconds. */
export const TIME_UNITS: readonly Unit[] = [{ sign: "ms", one: 1e3 }];

/** A number and its unit, with the gap that does not wrap. */
export function withUnit(number: string, sign: string): string {
  return sign ? `${number}${GAP}${sign}` : number;
}

/** The largest unit that gives at least 1; what rounds up to 1,000 k is 1 M. */
export function unitOf(value: number, units: readonly Unit[]): Unit {
  const size = Math.abs(value);
  const reached = units.findLastIndex(({ one }) => size >= one);
  const unit = units[Math.max(0, reached)] as Unit;
  const next = units[reached + 1];
  return next && Math.round(size / unit.one) * unit.one >= next.one ? next : unit;
}

function inUnits(value: Maybe, units: readonly Unit[]): string {
  return shown(value, (amount) => {
    const unit = unitOf(amount, units);
    return withUnit(short(amount / unit.one), unit.sign);
  });
}

/** Parameters, MACs, items: 864, 7.7 k, 27.3 M, 1.02 G. */
export function formatCount(value: Maybe): string {
  return inUnits(value, COUNT_UNITS);
}

/** Memory and files; one KiB is 1024 bytes. */
export function formatBytes(bytes: Maybe): string {
  return inUnits(bytes, BYTE_UNITS);
}

/** Latency: measured in microseconds, shown in milliseconds. */
export function formatLatency(microseconds: Maybe): string {
  return inUnits(microseconds, TIME_UNITS);
}

export function formatPercent(share: Maybe, digits: 0 | 1 = 1): string {
  return shown(share, percents[digits] ?? general);
}

/** How far a value is over its limit, at least 1%: "82% over". */
export function formatExcess(value: number, limit: number): string {
  return `${formatPercent(Math.max(0.01, value / limit - 1), 0)} over`;
}

/** The metric of trained networks; lower is better for perplexity. */
export type Metric = "accuracy" | "perplexity";
/** The metric of candidates: that of trained networks, or a proxy's score of untrained ones, where higher is better. */
export type QualityMetric = Metric | "proxy";

export function formatQuality(value: Maybe, metric: QualityMetric): string {
  if (metric === "proxy") return formatProxy(value);
  return metric === "perplexity" ? formatFixed(value, 1) : formatPercent(value);
}

/** Four significant digits, as proxies are of any size: 0.0123, 312.4, −45.2, 24.58 M. */
function formatProxy(value: Maybe): string {
  return shown(value, (amount) => {
    if (Math.abs(amount) < FOLDED) return four(amount);
    const unit = unitOf(amount, COUNT_UNITS);
    return withUnit(four(amount / unit.one), unit.sign);
  });
}

/** On an axis: as many digits as the step needs, so that no two ticks look the same. */
export function formatQualityTick(value: number, metric: QualityMetric): string {
  if (metric === "proxy") return formatScoreTick(value);
  return metric === "perplexity" ? general(value) : percentTick(value);
}

/** Of accuracies and losses four decimals; what is 10 and more, as scores of proxies are, has four significant digits. */
export function formatScore(value: Maybe): string {
  return shown(value, (score) => (Math.abs(score) < 10 ? formatFixed(score, 4) : formatProxy(score)));
}

/** On an axis, as for a quality. */
export function formatScoreTick(value: number): string {
  if (Math.abs(value) < FOLDED) return general(value);
  const unit = unitOf(value, COUNT_UNITS);
  return withUnit(general(withoutNoise(value / unit.one)), unit.sign);
}

/** A short time: 0.012 s, 3.4 s. */
export function formatSeconds(seconds: Maybe): string {
  return shown(seconds, (amount) => withUnit(short(amount), "s"));
}

export function formatLoss(value: Maybe): string {
  return formatFixed(value, 4);
}

/** The difference of two scores: in points for accuracy, else as a general number. */
export function formatScoreGap(value: number, metric: QualityMetric): string {
  return metric === "accuracy" ? withUnit(formatFixed(value * 100, 2), "pt") : formatScore(value);
}

/** A change, always with its sign. */
export function formatSigned(value: number, show: (size: number) => string): string {
  return (value > 0 ? "+" : value < 0 ? MINUS : "±") + show(Math.abs(value));
}

/** A small difference between two runtimes: 0, 2.1e−6. */
export function formatDifference(value: Maybe): string {
  return shown(value, (difference) => {
    if (difference === 0) return "0";
    const power = Math.floor(Math.log10(Math.abs(difference)));
    return `${formatFixed(difference / 10 ** power, 1)}e${whole(power)}`;
  });
}

/** A number as text in its field, which reads back as exactly that: "67 k" where four digits are enough, else "67,123". */
export function formatForField(value: number, units: readonly Unit[]): string {
  const unit = unitOf(value, units);
  const text = brief(value / unit.one);
  const whole = units[0] as Unit;
  const [amount, sign] =
    Math.round(Number(text) * unit.one) === value
      ? [text, unit.sign]
      : [general(value / whole.one), whole.sign];
  return sign ? `${amount} ${sign}` : amount;
}

/** What may follow a number, with its power of ten. */
const POWERS: Readonly<Record<string, number>> = { "": 0, k: 3, m: 6, g: 9 };

/**
 * A number as people type it; null if it is none. 1,500 and 1 500 are grouped; 1.5k, 2M and 1e6 mean 1,500, 2,000,000
 * and 1,000,000; 2,46 has a decimal comma. What could be either is read as this studio writes it: 1,500 is grouped, and
 * 1.500 is one and a half. `units`: what may follow instead, such as kib, and what the number counts without ("").
 */
export function parseNumber(text: string, units: Readonly<Record<string, number>> = {}): number | null {
  const parts = /^([-−+]?)(.*?\d[.,]?)(?:e([-−+]?\d{1,3}))?\s*([a-zµ]*)$/i.exec(text.trim());
  const [, minus = "", typed = "", exponent = "0", letters = ""] = parts ?? [];
  const digits = digitsOf(typed.trim());
  const sign = letters.toLowerCase();
  const unit = units[sign] ?? (sign in POWERS ? (units[""] ?? 1) : undefined);
  if (digits === null || unit === undefined) return null;
  const power = Number(exponent.replace("−", "-")) + (units[sign] === undefined ? (POWERS[sign] ?? 0) : 0);
  // By its exponent, since 1.005 × 1,000 is not 1,005 in binary.
  const size = Number(`${digits}e${power}`) * unit;
  if (!Number.isFinite(size)) return null;
  return minus === "-" || minus === "−" ? 0 - size : size;
}

/** Digits with at most a point. */
function digitsOf(typed: string): string | null {
  const spaced = /^\d{1,3}(?:([\s'’_])\d{3})(?:\1\d{3})*(?:[.,]\d*)?$/.test(typed);
  const text = spaced ? typed.replace(/[\s'’_]/g, "") : typed;
  if (/^[1-9]\d{0,2}(,\d{3})+(\.\d*)?$/.test(text)) return text.replaceAll(",", "");
  if (/^[1-9]\d{0,2}(\.\d{3}){2,}(,\d*)?$/.test(text)) return text.replaceAll(".", "").replace(",", ".");
  return /^(\d+[.,]?\d*|[.,]\d+)$/.test(text) ? text.replace(",", ".") : null;
}

/** A whole number as people type it; null if it is none, or outside the bounds. */
export function parseWhole(text: string, min: number, max: number): number | null {
  const value = parseNumber(text);
  return value !== null && Number.isInteger(value) && value >= min && value <= max ? value : null;
}

/** A typed number in full, where the text does not say it already: 1.5k is 1,500. */
export function inFull(text: string): string | null {
  const value = parseNumber(text);
  const full = value === null ? "" : formatNumber(value);
  return value === null || [full, String(value)].includes(text.trim()) ? null : full;
}
