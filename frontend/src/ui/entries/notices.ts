// What was done to entries and can be undone. Notices outlive the page that they come from, until they are dismissed or
// newer ones take their place.
import { create } from "zustand";

export interface UndoNotice {
  readonly key: number;
  /** a sentence, such as “Porch” was deleted. */
  readonly text: string;
  /** undoes it; a rejection is shown */
  readonly undo: () => Promise<unknown>;
  /** the page of the entry, which is there again when it was undone */
  readonly page: string;
}

interface Notices {
  readonly shown: readonly UndoNotice[];
  readonly add: (notice: Omit<UndoNotice, "key">) => void;
  readonly dismiss: (key: number) => void;
}

const MOST = 3; // more would cover the page

let made = 0;

export const useNotices = create<Notices>()((set) => ({
  shown: [],
  add: (notice) => {
    made += 1;
    const key = made;
    set(({ shown }) => {
      const others = shown.filter(({ page }) => page !== notice.page); // the newest says how the entry is now
      return { shown: [...others, { ...notice, key }].slice(-MOST) };
    });
  },
  dismiss: (key) => set(({ shown }) => ({ shown: shown.filter((each) => each.key !== key) })),
}));
