// The filter "Fits device" of architectures: the limits of a device profile, in the address of the list.
import type { DeviceProfile } from "../../api/types";
import { COSTS, limitInFull } from "../../format/costs";
import { EXPORTED_BYTES, precisionName } from "../../format/precision";
import { joinWords } from "../../format/text";
import type { ListAddress } from "./address";

type Limits = ListAddress["limits"];

/** The limits of a profile as the address has them. */
export function limitsOf({ budget }: Pick<DeviceProfile, "budget">): Limits {
  const text = (limit: number | null) => (limit === null ? "" : String(limit));
  return {
    max_params: text(budget.params),
    max_macs: text(budget.macs),
    max_peak_memory: text(budget.peak_memory),
    bytes_per_element: budget.peak_memory === null ? "" : String(budget.bytes_per_element),
  };
}

/** The profile with these limits, if any. */
export function profileOf(limits: Limits, profiles: readonly DeviceProfile[]): DeviceProfile | undefined {
  const key = keyOf(limits);
  return profiles.find((profile) => keyOf(limitsOf(profile)) === key);
}

function keyOf({ max_params, max_macs, max_peak_memory, bytes_per_element }: Limits): string {
  return [max_params, max_macs, max_peak_memory, bytes_per_element].join();
}

export function isLimited({ max_params, max_macs, max_peak_memory }: Limits): boolean {
  return Boolean(max_params || max_macs || max_peak_memory);
}

/** "at most 250,000 parameters and 250,000 bytes of peak memory with int8 activations" */
export function describeLimits(limits: Limits): string {
  const parts = COSTS.flatMap((words) => {
    const limit = limits[`max_${words.key}`];
    if (limit === "") return [];
    if (!Number.isFinite(Number(limit))) return [`“${limit}” ${words.inline}`];
    if (words.key !== "peak_memory") return [limitInFull(words, Number(limit))];
    const precision = precisionName(Number(limits.bytes_per_element || EXPORTED_BYTES));
    return [`${words.show(Number(limit))} of peak memory with ${precision} activations`];
  });
  return `at most ${joinWords(parts)}`;
}
