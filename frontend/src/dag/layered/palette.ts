// The colours of a canvas, from the design tokens. A canvas knows no custom properties, so an element resolves them.

const TOKENS = {
  paper: "--paper",
  sheet: "--sheet",
  ink: "--ink",
  softInk: "--ink-2",
  paleInk: "--ink-3",
  line: "--edge-ui",
  weak: "--leaf-1",
  fair: "--leaf-2",
  strong: "--leaf-3",
  cut: "--cut",
  cutText: "--cut-text",
  lock: "--lock-line",
  info: "--info",
  infoWash: "--info-wash",
  focus: "--focus",
} as const;

export type Palette = Readonly<Record<keyof typeof TOKENS, string>> & { readonly font: string };

export function readPalette(host: HTMLElement): Palette {
  return resolveTokens(host, TOKENS);
}

/** The colours of these tokens as they are now, and the font. */
export function resolveTokens<N extends string>(
  host: HTMLElement,
  tokens: Readonly<Record<N, string>>,
): Readonly<Record<N, string>> & { readonly font: string } {
  const probe = document.createElement("span");
  probe.hidden = true;
  host.append(probe);
  const colours = Object.entries<string>(tokens).map(([name, token]) => {
    probe.style.color = `var(${token})`;
    return [name, getComputedStyle(probe).color];
  });
  const font = getComputedStyle(probe).fontFamily;
  probe.remove();
  return { ...(Object.fromEntries(colours) as Record<N, string>), font };
}

/** Calls back when the theme changes, by the system or by the switch; returns how to stop. */
export function followTheme(changed: () => void): () => void {
  const system = matchMedia("(prefers-color-scheme: dark)");
  const observer = new MutationObserver(changed);
  observer.observe(document.documentElement, { attributes: true, attributeFilter: ["data-theme"] });
  system.addEventListener("change", changed);
  return () => {
    observer.disconnect();
    system.removeEventListener("change", changed);
  };
}
