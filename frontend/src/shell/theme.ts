// Light or dark follows the system; ?theme= and the toggle override it, and the choice is remembered.
export type Theme = "light" | "dark";
const KEY = "espalier.theme";

const valid = (value: string | null): Theme | null => (value === "light" || value === "dark" ? value : null);

export function applyTheme(): void {
  const requested = valid(new URLSearchParams(location.search).get("theme"));
  const theme = requested ?? valid(localStorage.getItem(KEY));
  if (theme) document.documentElement.dataset.theme = theme;
}

export function currentTheme(): Theme {
  const forced = valid(document.documentElement.dataset.theme ?? null);
  return forced ?? (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");
}

/** Turns the theme over; choosing what the system has anyway goes back to following it. */
export function toggleTheme(): Theme {
  const next: Theme = currentTheme() === "dark" ? "light" : "dark";
  const system: Theme = matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
  if (next === system) {
    delete document.documentElement.dataset.theme;
    localStorage.removeItem(KEY);
  } else {
    document.documentElement.dataset.theme = next;
    localStorage.setItem(KEY, next);
  }
  return next;
}
