// What the tour shows: parts of the page of a search, found by what they are called there.

export interface TourStep {
  readonly title: string;
  readonly text: string;
  /** selectors of the element that it is about, the best first */
  readonly targets: readonly string[];
}

export const STEPS: readonly [TourStep, ...TourStep[]] = [
  {
    title: "The cell",
    text: "The search changes this small network, which the final one repeats. Nodes compute, and edges carry data from left to right. The thicker an edge is drawn, the more it matters.",
    targets: ['section[aria-label="Cell"]'],
  },
  {
    title: "Budgets",
    text: "What the network costs now, beside the limits that it must keep. You set them when you start a search, and can change them while it runs.",
    targets: ['section[aria-label="Budgets"]'],
  },
  {
    title: "Steps",
    text: "Each step is one decision, such as an edge that was cut. Press a step to see the cell as it was then, or replay the search from the start.",
    targets: ['section[aria-label="Steps"]'],
  },
  {
    title: "Your say",
    text: "Pause, stop or cancel the search here. Select an edge in the drawing to cut or lock it yourself: a request applies when the current step ends.",
    targets: ["main header fieldset"],
  },
  {
    title: "The result",
    text: "Candidates are compared here. The best that fits all limits becomes the answer, and goes to the catalog. Open it there to train it in full and download it.",
    targets: [
      'section[aria-label="Best steps"]',
      'section[aria-label="Finalists"]',
      'section[aria-label="Candidates"]',
    ],
  },
];

export function targetOf({ targets }: TourStep): HTMLElement | null {
  for (const selector of targets) {
    const found = document.querySelector<HTMLElement>(selector);
    if (found) return found;
  }
  return null;
}
