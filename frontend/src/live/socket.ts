// Keeps one socket open: connects, backs off with jitter, comes back from the last event seen. Messages are handed on in
// one batch per animation frame, so that a burst is one picture.

export type LinkState = "connecting" | "live" | "lost" | "gone";

export interface SocketEnvironment {
  open: (url: string) => WebSocket;
  later: (run: () => void, ms: number) => number;
  forget: (timer: number) => void;
  random: () => number;
  /** runs a batch with the next picture */
  frame: (run: () => void) => void;
}

const browser: SocketEnvironment = {
  open: (url) => new WebSocket(url),
  later: (run, ms) => window.setTimeout(run, ms),
  forget: (timer) => window.clearTimeout(timer),
  random: Math.random,
  // A hidden page draws no frames, yet must not pile messages up.
  frame: (run) => (document.hidden ? window.setTimeout(run, 250) : requestAnimationFrame(run)),
};

export interface Link<M> {
  /** where to go on from: asked anew at each connection */
  url: () => string;
  batch: (messages: M[]) => Verdict | undefined;
  state: (state: LinkState) => void;
  /** nobody is signed in any more */
  signedOut?: () => void;
}

/** "again": something is missing, so reconnect from what is known. */
export type Verdict = "again";

const FIRST_WAIT = 500;
const LONGEST_WAIT = 15_000;
/** How the server closes for good: who is this, and there is no such thing for this person. */
const NOT_SIGNED_IN = 4401;
const NOT_FOUND = 4404;

/** Opens the link and returns how to close it for good. */
export function openLink<M>(link: Link<M>, environment: SocketEnvironment = browser): () => void {
  let socket: WebSocket | null = null;
  let closed = false;
  let failures = 0;
  let timer = 0;
  let waiting: M[] = [];
  let framed = false;

  const flush = () => {
    framed = false;
    const messages = waiting;
    waiting = [];
    if (closed || messages.length === 0) return;
    if (link.batch(messages) === "again") {
      drop();
      connect();
    }
  };

  const drop = () => {
    const old = socket;
    socket = null;
    waiting = [];
    old?.close();
  };

  const connect = () => {
    if (closed) return;
    const opened = environment.open(link.url());
    socket = opened;
    opened.onopen = () => {
      if (socket === opened) link.state("live");
    };
    opened.onmessage = (event: MessageEvent<string>) => {
      if (socket !== opened) return;
      failures = 0;
      waiting.push(JSON.parse(event.data) as M);
      if (!framed) {
        framed = true;
        environment.frame(flush);
      }
    };
    opened.onclose = (event: CloseEvent) => {
      if (socket !== opened || closed) return;
      socket = null;
      if (event.code === NOT_SIGNED_IN || event.code === NOT_FOUND) {
        link.state("gone");
        if (event.code === NOT_SIGNED_IN) link.signedOut?.();
        return;
      }
      link.state("lost");
      timer = environment.later(connect, backoff(failures, environment.random));
      failures += 1;
    };
  };

  link.state("connecting");
  connect();
  return () => {
    closed = true;
    environment.forget(timer);
    drop();
  };
}

/** Twice as long each time, and never at the same moment as everyone else. */
export function backoff(failures: number, random: () => number): number {
  const longest = Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** failures);
  return longest / 2 + (random() * longest) / 2;
}
