// The freshness of the page as text.

import { formatDuration } from "../format/dates";
import { type LinkStatus, useFreshness } from "../live/freshness";
import { useAge } from "../ui/useAge";
import styles from "./shell.module.css";

export function LiveState() {
  const { link, lastMessageAt } = useFreshness();
  const age = useAge(lastMessageAt);
  if (link === null || link === "ended") return null;
  return <span className={styles.liveState}>{words(link, age)}</span>;
}

function words(link: Exclude<LinkStatus, "ended">, age: number | null): string {
  if (link === "connecting") return "Connecting…";
  const ago = age === null ? "" : age < 2 ? ", updated just now" : `, updated ${formatDuration(age)} ago`;
  return link === "live" ? `Live${ago}` : `Connection lost${ago}`;
}
