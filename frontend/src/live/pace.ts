// The pace of updates. On a page that draws much each of them takes long, and a search may send ten a second.

export interface Clock {
  now: () => number;
  /** runs before the next frame is drawn */
  frame: (run: () => void) => void;
  later: (run: () => void, ms: number) => void;
}

const browser: Clock = {
  now: () => performance.now(),
  frame: (run) => requestAnimationFrame(run),
  later: (run, ms) => setTimeout(run, ms),
};

/** Of all time, the part that updates may take. The rest is for what people do. */
const SHARE = 0.1;
const LONGEST_PAUSE = 2_000; // in ms
const FRAME = 1_000 / 60;

/** Runs updates in animation frames. After one that took long, the next waits for a multiple of that. */
export function paced({ now, frame, later }: Clock = browser): (update: () => void) => void {
  let free = 0; // the moment from which updates may run
  return (update) => {
    const run = () =>
      frame(() => {
        const began = now();
        update();
        // A task after the next frame: until then the browser has drawn the page, and charts, which draw with the next.
        frame(() =>
          later(() => {
            const ended = now();
            const took = Math.max(0, ended - began - FRAME);
            free = ended + Math.min(LONGEST_PAUSE, took * (1 / SHARE - 1));
          }, 0),
        );
      });
    const pause = free - now();
    if (pause > 0) later(run, pause);
    else run();
  };
}
