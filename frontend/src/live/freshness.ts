// How fresh the page is: a live page reports here, and the shell shows it.
import { create } from "zustand";

export type LinkStatus = "connecting" | "live" | "lost" | "ended";

interface Freshness {
  link: LinkStatus | null;
  lastMessageAt: number | null;
  report: (link: LinkStatus | null, lastMessageAt: number | null) => void;
}

export const useFreshness = create<Freshness>()((set) => ({
  link: null,
  lastMessageAt: null,
  report: (link, lastMessageAt) => set({ link, lastMessageAt }),
}));
