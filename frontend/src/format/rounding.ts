// Rounding of numbers that are not read as text: coordinates of drawings and the ticks of an axis.

/** Rounded to some decimals; keeps the paths of drawings short. */
export function roundTo(value: number, decimals: number): number {
  const scale = 10 ** decimals;
  return Math.round(value * scale) / scale;
}

/** Without the errors that floating-point arithmetic leaves in the last digits: 0.30000000000000004 becomes 0.3. */
export function withoutNoise(value: number): number {
  return Number(value.toPrecision(12));
}
