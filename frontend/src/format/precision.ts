// The precision in which memory is counted: how one element of an activation is stored.
import { plural } from "./text";

const NAMES: Readonly<Record<number, string>> = { 8: "float64", 4: "float32", 2: "float16", 1: "int8" };

/** Exported networks compute in float32. */
export const EXPORTED_BYTES = 4;

/** "int8" */
export function precisionName(bytes: number): string {
  return NAMES[bytes] ?? plural(bytes, "byte");
}
