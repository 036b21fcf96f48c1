// How fresh the page is, in words.
import { duration } from "../format/units";
import { type Link, useFreshness } from "../live/freshness";
import { useAge } from "../ui/useAge";

export function LiveState() {
  const { link, heard } = useFreshness();
  const age = useAge(heard);
  if (link === null) return null;
  return <span className="live-state">{words(link, age)}</span>;
}

function words(link: Link, age: number | null): string {
  if (link === "connecting") return "Connecting";
  if (link === "ended") return "Complete record";
  const ago = age === null ? "" : age < 2 ? ", updated just now" : `, updated ${duration(age)} ago`;
  return link === "live" ? `Live${ago}` : `Connection lost${ago}`;
}
