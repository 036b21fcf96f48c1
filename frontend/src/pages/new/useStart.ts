// What the form starts from, as its address says: a template, an earlier search, a draft, or nothing. Changes that
// are not stored are kept by the window for each of them, through reloads and visits to other pages.
import { useQuery } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import { ApiError, api, unwrap } from "../../api/client";
import type { Dataset, Draft, Engine, SearchRequest } from "../../api/types";
import { forget, recall, remember } from "../../ui/storage";
import { type FormValues, initialForm } from "./formValues";
import { formOf, readForm } from "./start";

export interface Start {
  /** as the page says it; null for an empty form */
  readonly title: string | null;
  /** the draft that is open */
  readonly draft: string | null;
  /** of that draft; 0 without one */
  readonly version: number;
  readonly form: FormValues;
}

type Making = (engine: Engine, datasets: readonly Dataset[]) => Start;

export function useTemplates() {
  return useQuery({
    queryKey: ["templates"],
    queryFn: () => unwrap(api.GET("/api/templates")),
    staleTime: Number.POSITIVE_INFINITY, // changes only with a new version of the server
  });
}

export const startKey = (address: string) => ["start", address];

export function useStart(params: URLSearchParams) {
  const address = params.toString();
  return useQuery({
    queryKey: startKey(address),
    queryFn: () => load(params),
    staleTime: Number.POSITIVE_INFINITY, // what is typed must not be replaced
    gcTime: 0,
  });
}

async function load(params: URLSearchParams): Promise<Making> {
  const [from, draft, template] = ["from", "draft", "template"].map((name) => params.get(name));
  if (from) {
    const earlier = await unwrap(api.GET("/api/searches/{id}/draft", { params: { path: { id: from } } }));
    return requested(`Copy of ${earlier.name}`, earlier);
  }
  if (draft) {
    const stored = await unwrap(api.GET("/api/drafts/{id}", { params: { path: { id: draft } } }));
    return ofDraft(stored);
  }
  if (template) {
    const found = (await unwrap(api.GET("/api/templates"))).find(({ name }) => name === template);
    if (!found) throw new ApiError(404, []);
    return requested(`Template: ${found.title}`, found.draft);
  }
  return (engine, datasets) => ({
    title: null,
    draft: null,
    version: 0,
    form: initialForm(engine, datasets, params.get("dataset")),
  });
}

export function ofDraft({ id, name, version, draft }: Draft): Making {
  return (engine, datasets) => ({
    title: `Draft: ${name}`,
    draft: id,
    version,
    form: readForm(draft, initialForm(engine, datasets, null)),
  });
}

function requested(title: string, request: SearchRequest): Making {
  return (engine, datasets) => ({
    title,
    draft: null,
    version: 0,
    form: formOf(request, engine, datasets),
  });
}

const keyOf = (search: string) => `new-search${search}`;

/** A form with changes, and the version of the draft that they were made to. */
interface Kept {
  readonly form: FormValues;
  readonly version: number;
}

/** The form that was left at this address with changes, null if there is none. */
export function keptForm(search: string, initial: FormValues): Kept | null {
  const kept = keptText(search);
  if (kept === null) return null;
  const form = readForm(kept.form, initial);
  const changed = JSON.stringify(form) !== JSON.stringify(readForm(initial, initial));
  return changed ? { form, version: kept.version } : null;
}

/** Anything that a page of this address, of whatever version, has left. */
function keptText(search: string): { form: unknown; version: number } | null {
  try {
    const { form, version } = JSON.parse(recall("session", keyOf(search)) ?? "null") ?? {};
    return Number.isInteger(version) ? { form, version } : null;
  } catch {
    return null;
  }
}

export function forgetForm(search: string): void {
  forget("session", keyOf(search));
}

export function useKeptForm(search: string, form: FormValues, version: number, initial: FormValues): void {
  const text = JSON.stringify({ form, version });
  const unchanged = JSON.stringify(form) === JSON.stringify(initial);
  const before = useRef(search);
  useEffect(() => {
    if (before.current !== search) forgetForm(before.current); // the form goes on at another address
    before.current = search;
    if (unchanged) forgetForm(search);
    else remember("session", keyOf(search), text);
  }, [search, text, unchanged]);
}
