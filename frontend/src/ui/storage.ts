// What the window ("session") or the browser ("local") remembers. Where storage is blocked or full nothing is remembered,
// and the page works all the same.
export type Area = "session" | "local";

const storageOf = (area: Area): Storage => (area === "session" ? sessionStorage : localStorage);

export function recall(area: Area, key: string): string | null {
  try {
    return storageOf(area).getItem(key);
  } catch {
    return null;
  }
}

export function remember(area: Area, key: string, text: string): void {
  try {
    storageOf(area).setItem(key, text);
  } catch {
    // the next page starts without it
  }
}

export function forget(area: Area, key: string): void {
  try {
    storageOf(area).removeItem(key);
  } catch {
    // there is nothing to forget
  }
}
