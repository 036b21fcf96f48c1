// The quality of searches that were launched together with other seeds, above the list of them.
import { useQuery } from "@tanstack/react-query";
import { api, unwrap } from "../../api/client";
import type { SearchGroup } from "../../api/types";
import { metricName } from "../../format/metrics";
import { formatQuality } from "../../format/numbers";
import { joinWords, plural } from "../../format/text";
import styles from "./searches.module.css";

const POLL_MS = 5_000;
const LIVE: readonly string[] = ["queued", "running", "paused"];
const isLive = ({ status }: SearchGroup["members"][number]) => LIVE.includes(status);

export function GroupSummary({ id }: { id: string }) {
  const { data } = useQuery({
    queryKey: ["search-group", id],
    queryFn: () => unwrap(api.GET("/api/searches/groups/{id}", { params: { path: { id } } })),
    refetchInterval: ({ state }) => (state.data?.members.some(isLive) ? POLL_MS : false),
  });
  // A group that was deleted has an empty list, which says so.
  return data ? (
    <p className={styles.group} role="status">
      {describeGroup(data)}
    </p>
  ) : null;
}

/** "One task with 3 seeds: 4, 5 and 6. Mean accuracy of 2 answers: 97.5%, 95% interval 91.1% to 100.0%." */
export function describeGroup({ members, metric, quality }: SearchGroup): string {
  const seeds = joinWords(members.map(({ seed }) => String(seed)));
  const task = `One task with ${plural(members.length, "seed")}: ${seeds}.`;
  const name = metricName(metric);
  if (!quality && members.some(isLive)) return `${task} Their mean ${name} is known when two have finished.`;
  if (!quality) return `${task} Fewer than two finished with an answer, so there is no mean.`;
  const [mean, low, high] = [quality.mean, quality.low, quality.high].map((each) =>
    formatQuality(each, metric),
  );
  return `${task} Mean ${name} of ${plural(quality.count, "answer")}: ${mean}, 95% interval ${low} to ${high}.`;
}
