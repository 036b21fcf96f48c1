// How fresh the page is, in words. A live page reports here; other pages say nothing.
import { create } from "zustand";
import { duration } from "../units";
import { useAge } from "./age";

export type Link = "connecting" | "live" | "lost" | "ended";

interface Freshness {
  link: Link | null;
  heard: number | null;
  report: (link: Link | null, heard: number | null) => void;
}

export const useFreshness = create<Freshness>()((set) => ({
  link: null,
  heard: null,
  report: (link, heard) => set({ link, heard }),
}));

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
