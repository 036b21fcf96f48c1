// Every number that a page shows is written here, in one locale: grouped as 1,797, with a minus character, and a missing
// value as a dash. No other module may format a number; sources.test.ts checks that.

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
const exact = writer({ maximumSignificantDigits: 7, useGrouping: false });
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

/** A whole number as a user types it, spaces and grouping included; null if it is none, or outside the bounds. */
export function parseWhole(text: string, min: number, max: number): number | null {
  const digits = text.replace(/[\s\u202f]|,(?=\d{3}\b)/g, "");
  const value = /^\d{1,15}$/.test(digits) ? Number(digits) : null;
  return value !== null && value >= min && value <= max ? value : null;
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

/** The quality metric of a search; lower is better for perplexity. */
export type Metric = "accuracy" | "perplexity";

export function formatQuality(value: Maybe, metric: Metric): string {
  return metric === "perplexity" ? formatFixed(value, 1) : formatPercent(value);
}

/** On an axis: as many digits as the step needs, so that no two ticks look the same. */
export function formatQualityTick(value: number, metric: Metric): string {
  return metric === "perplexity" ? general(value) : percentTick(value);
}

export function formatScore(value: Maybe): string {
  return formatFixed(value, 4);
}

export function formatLoss(value: Maybe): string {
  return formatFixed(value, 4);
}

/** The difference of two scores: in points for accuracy, else as a general number. */
export function formatScoreGap(value: number, metric: Metric): string {
  return metric === "perplexity" ? formatScore(value) : withUnit(formatFixed(value * 100, 2), "pt");
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

/** A limit as text in its field: exact, without a unit or grouping. */
export function formatForField(value: number, unit: Unit): string {
  return exact(value / unit.one);
}

/** Parses what a person types: 1500, 1,500, 1 500, 2.46, and 2,46 with a decimal comma; null if it is not a number. */
export function parseNumber(text: string): number | null {
  const typed = text.replace(/[\s\u202f]/g, "").replace("−", "-");
  const grouped = /^-?\d{1,3}(,\d{3})+(\.\d*)?$/.test(typed);
  const digits = grouped ? typed.replaceAll(",", "") : typed.replace(",", ".");
  return /^-?(\d+\.?\d*|\.\d+)$/.test(digits) ? Number(digits) : null;
}
