// Whether the session has ended since the page was opened. The page stays as it is, with all that was typed, until its user
// has signed in again.
import { create } from "zustand";

export const useSession = create<{ ended: boolean }>()(() => ({ ended: false }));

export function sessionEnded(): void {
  useSession.setState({ ended: true });
}

export function sessionGoesOn(): void {
  if (useSession.getState().ended) useSession.setState({ ended: false });
}
