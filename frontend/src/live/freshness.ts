// How fresh the page is: a live page reports here, and the shell shows it.
import { create } from "zustand";

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
