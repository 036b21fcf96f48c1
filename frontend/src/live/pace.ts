// The pace of updates. On a page that draws much each of them takes long, and a search may send ten a second.

export interface Clock {
  now: () => number;
  /** runs before the next frame is drawn */
  frame: (run: () => void) => void;
  later: (run: () => void, ms: number) => void;
  /** whether a pointer is pressed, as while somebody pans a drawing */
  pressed: () => boolean;
}

/** Of all time, the part that updates may take. The rest is for what people do. */
const SHARE = 0.1;
const LONGEST_PAUSE = 2_000; // in ms; slow updates wait so long while a pointer is pressed
const FRAME = 1_000 / 60;
const WITHOUT_FRAMES = 250;

/** Runs before the next frame. A hidden page gets no frames, but must not accumulate messages. */
export function nextFrame(run: () => void): void {
  const first = () => {
    cancelAnimationFrame(frame);
    clearTimeout(timer);
    run();
  };
  const frame = requestAnimationFrame(first);
  const timer = setTimeout(first, WITHOUT_FRAMES);
}

const pressed = new Set<number>(); // ids of pointers
const listen = (kind: string, act: (event: Event) => void) =>
  addEventListener(kind, act, { capture: true, passive: true });
const idOf = (event: Event) => (event as PointerEvent).pointerId;
listen("pointerdown", (event) => pressed.add(idOf(event)));
for (const kind of ["pointerup", "pointercancel"]) listen(kind, (event) => pressed.delete(idOf(event)));
for (const kind of ["contextmenu", "blur"]) listen(kind, () => pressed.clear()); // after which no release is reported

const browser: Clock = {
  now: () => performance.now(),
  frame: nextFrame,
  later: (run, ms) => setTimeout(run, ms),
  pressed: () => pressed.size > 0,
};

/** Runs updates in animation frames. After one that took long, the next waits for a multiple of that. */
export function paced({ now, frame, later, pressed }: Clock = browser): (update: () => void) => void {
  let drawn = Number.NEGATIVE_INFINITY; // when the last update was
  let took = 0; // the last update, besides its frame
  let measuring = false;
  let waiting: (() => void)[] = []; // what was requested while an update is measured
  const start = (update: () => void) => {
    const slow = took > FRAME;
    const rest = slow && pressed() ? LONGEST_PAUSE : Math.min(LONGEST_PAUSE, took * (1 / SHARE - 1));
    const pause = drawn + rest - now();
    if (pause > 0) later(() => frame(() => measured(update)), pause);
    else frame(() => measured(update));
  };
  const measured = (update: () => void) => {
    const began = now();
    measuring = true;
    try {
      update();
    } finally {
      // A task after the next frame: until then the browser has drawn the page, and charts, which draw with the next.
      frame(() => later(() => end(began), 0));
    }
  };
  const end = (began: number) => {
    drawn = now();
    took = Math.max(0, drawn - began - FRAME);
    measuring = false;
    const next = waiting;
    waiting = [];
    for (const update of next) start(update);
  };
  return (update) => {
    if (measuring) waiting.push(update);
    else start(update);
  };
}
