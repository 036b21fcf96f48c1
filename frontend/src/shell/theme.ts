// The theme follows the system; ?theme= and the toggle override it, and the toggle's choice is stored.
import { forget, recall, remember } from "../ui/storage";

export type Theme = "light" | "dark";
const KEY = "espalier.theme";

const valid = (value: string | null): Theme | null => (value === "light" || value === "dark" ? value : null);

export function applyTheme(): void {
  const requested = valid(new URLSearchParams(location.search).get("theme"));
  const theme = requested ?? valid(recall("local", KEY));
  if (theme) document.documentElement.dataset.theme = theme;
}

export function currentTheme(): Theme {
  const forced = valid(document.documentElement.dataset.theme ?? null);
  return forced ?? (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");
}

/** Toggles the theme; choosing the system's own theme removes the override. */
export function toggleTheme(): Theme {
  const next: Theme = currentTheme() === "dark" ? "light" : "dark";
  const system: Theme = matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
  if (next === system) {
    delete document.documentElement.dataset.theme;
    forget("local", KEY);
  } else {
    document.documentElement.dataset.theme = next;
    remember("local", KEY, next);
  }
  return next;
}
