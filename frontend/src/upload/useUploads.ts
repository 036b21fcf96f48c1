// The team's uploads, and those that this window sends.
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef, useSyncExternalStore } from "react";
import { api, unwrap } from "../api/client";
import type { Upload } from "../api/types";
import { browserTransport } from "./browserTransport";
import type { Progress } from "./sender";
import { Uploads } from "./uploads";

/** The uploads of this window; they continue while other pages are shown. */
export const windowUploads = new Uploads<Upload>(browserTransport);

export function useUploadProgress(): ReadonlyMap<string, Progress> {
  return useSyncExternalStore(windowUploads.subscribe, windowUploads.snapshot);
}

const READING_MS = 1_000; // a worker reads it and the user waits
const WAITING_MS = 5_000; // another window sends it, or it was interrupted

/** The team's uploads, polled while any is in progress; the list of datasets is reloaded when one finishes. */
export function useUploads() {
  const queries = useQueryClient();
  const own = useUploadProgress();
  const query = useQuery({
    queryKey: ["uploads"],
    queryFn: () => unwrap(api.GET("/api/uploads")),
    refetchInterval: ({ state }) => {
      const moving = (state.data ?? []).filter(({ status }) => status !== "done" && status !== "refused");
      if (moving.some(({ status }) => status !== "receiving")) return READING_MS;
      return moving.length > 0 ? WAITING_MS : false;
    },
  });
  // When this window finishes sending, the loaded list is outdated.
  const sent = [...own].filter(([, { phase }]) => phase === "sent" || phase === "cancelled").length;
  const over = (query.data ?? []).filter(({ status }) => status === "done").length;
  useOnChange(sent, () => void queries.invalidateQueries({ queryKey: ["uploads"] }));
  useOnChange(over, () => void queries.invalidateQueries({ queryKey: ["datasets"] }));
  return query;
}

function useOnChange(value: number, changed: () => void): void {
  const last = useRef(value);
  useEffect(() => {
    if (last.current === value) return;
    last.current = value;
    changed();
  });
}
