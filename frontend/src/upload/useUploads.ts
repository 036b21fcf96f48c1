// The team's uploads, and those that this window sends.
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef, useSyncExternalStore } from "react";
import { api, unwrap } from "../api/client";
import type { Upload } from "../api/types";
import { browserTransport } from "./browserTransport";
import type { Progress } from "./sender";
import { Uploads } from "./uploads";

/** What this window sends; it goes on while other pages are shown. */
export const windowUploads = new Uploads<Upload>(browserTransport);

export function useUploadProgress(): ReadonlyMap<string, Progress> {
  return useSyncExternalStore(windowUploads.subscribe, windowUploads.snapshot);
}

const READING_MS = 1_000; // a worker is at it, and a person watches
const WAITING_MS = 5_000; // somebody else is sending it, or it was left

/** The team's uploads, followed while any of them moves; one that ends brings the list of datasets up to date. */
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
  // What this window has just sent is no longer what the list says.
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
