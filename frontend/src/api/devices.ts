// The team's measuring devices. Their agents poll for work, so the list says when each was last seen.
import { useQuery } from "@tanstack/react-query";
import { formatDuration } from "../format/dates";
import { api, unwrap } from "./client";
import type { Device } from "./types";

/** What measures if no device is named. */
export const OWN_WORKERS = "this server's workers";

const POLL_MS = 15_000; // agents report every few seconds, so a minute of silence must show

export function useDevices({ watched = false, wanted = true } = {}) {
  return useQuery({
    queryKey: ["devices"],
    enabled: wanted,
    queryFn: () => unwrap(api.GET("/api/devices")),
    refetchInterval: watched ? POLL_MS : false,
  });
}

/** A device's name by its id; the id itself until the list is loaded. */
export function useDeviceName(id: string | null | undefined): string {
  const devices = useDevices({ wanted: Boolean(id) });
  if (!id) return OWN_WORKERS;
  return devices.data?.find((each) => each.id === id)?.name ?? id;
}

/** "last seen 3 min ago" */
export function describeLastSeen({ seen_at }: Pick<Device, "seen_at">, now = Date.now()): string {
  if (seen_at === null) return "not connected yet";
  const seconds = (now - Date.parse(seen_at)) / 1_000;
  return seconds < 60 ? "connected" : `last seen ${formatDuration(seconds)} ago`;
}
