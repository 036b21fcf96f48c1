// The state of the form that scales a cell to a device, and the request made from it.
import type { Limits } from "../../api/engine";
import type { ArchitectureDetail, Dataset, Engine, ScaleRequest } from "../../api/types";
import { COSTS, type CostKey, limitText, readLimit } from "../../format/costs";
import { formatInteger, parseWhole } from "../../format/numbers";
import type { Errors } from "../../ui/forms/schema";

export interface ScaleForm extends Readonly<Record<CostKey, string>> {
  readonly profile: string;
  readonly bytes: number;
  readonly family: "published" | "search";
  readonly dataset: string; // empty: none, the sizes below apply
  readonly resolution: string;
  readonly classes: string;
  readonly vocabulary: string;
}

type SizeKey = "resolution" | "classes" | "vocabulary";
interface SizeField {
  readonly key: SizeKey;
  readonly label: string;
  readonly unit: string | null;
  readonly placeholder: string;
}

export const FIELDS: Readonly<Record<"image" | "text", readonly SizeField[]>> = {
  image: [
    { key: "resolution", label: "Resolution", unit: "px", placeholder: "unchanged" },
    { key: "classes", label: "Classes", unit: null, placeholder: "unchanged" },
  ],
  text: [{ key: "vocabulary", label: "Vocabulary", unit: "words", placeholder: "unchanged" }],
};

type Profile = Engine["device_profiles"][number];

/** For the first device of the list, and the dataset that the cell was found on. */
export function initialForm(
  architecture: ArchitectureDetail,
  datasets: readonly Dataset[],
  [device]: readonly Profile[],
): ScaleForm {
  const own = datasets.find(({ name }) => name === architecture.dataset);
  const limits = { params: "", macs: "", peak_memory: "" };
  const sizes = { resolution: "", classes: "", vocabulary: "" };
  const dataset = (own ?? datasets[0])?.name ?? "";
  const custom: ScaleForm = { ...limits, ...sizes, profile: "", bytes: 4, family: "published", dataset };
  return device ? { ...custom, ...fieldsOf(device) } : custom;
}

/** The limits of a device, and the precision in which its memory is counted. */
export function fieldsOf({ name, budget }: Profile): Partial<ScaleForm> {
  const limits = COSTS.map((words) => [words.key, limitText(words, budget[words.key] ?? null)]);
  return { ...Object.fromEntries(limits), profile: name, bytes: budget.bytes_per_element };
}

/** The request, or null while a field is missing or invalid. */
export function requestOf(
  form: ScaleForm,
  kind: "image" | "text",
  bounds: Limits,
): { request: ScaleRequest | null; errors: Errors } {
  const errors: Record<string, string> = {};
  const budget: Record<CostKey, number | null> = { params: null, macs: null, peak_memory: null };
  for (const words of COSTS) {
    const reading = readLimit(words, form[words.key], bounds.budget[words.key]);
    if ("error" in reading) errors[words.key] = reading.error;
    else budget[words.key] = reading.limit;
  }
  const size = (key: SizeKey, wanted: boolean): number | null => {
    if (!wanted || form[key].trim() === "") return null;
    const most = key === "resolution" ? bounds.resolution : bounds.outputs;
    const value = parseWhole(form[key], 1, most);
    if (value === null) errors[key] = `Enter a whole number from 1 to ${formatInteger(most)}`;
    return value;
  };
  const free = form.dataset === "";
  const sizes = {
    resolution: size("resolution", kind === "image"),
    classes: size("classes", free && kind === "image"),
    vocabulary: size("vocabulary", free && kind === "text"),
  };
  const limited = COSTS.some(({ key }) => budget[key] !== null);
  if (!limited || Object.keys(errors).length > 0) return { request: null, errors };
  return {
    request: {
      family: form.family,
      dataset: form.dataset || null,
      ...sizes,
      budget: { ...budget, bytes_per_element: form.bytes },
    },
    errors,
  };
}
