// Keeps one socket open: connects, backs off with jitter, resumes after the last event seen. Messages are passed on in
// batches, at a pace that the page can draw.
import { paced } from "./pace";

export type LinkState = "connecting" | "live" | "lost" | "gone";

export interface SocketEnvironment {
  open: (url: string) => WebSocket;
  later: (run: () => void, ms: number) => number;
  forget: (timer: number) => void;
  random: () => number;
  /** runs a batch with an animation frame */
  frame: (run: () => void) => void;
  /** calls `changed` when the machine loses or regains its network, until the returned function is called */
  network: (changed: (online: boolean) => void) => () => void;
}

const browser: SocketEnvironment = {
  open: (url) => new WebSocket(url),
  later: (run, ms) => window.setTimeout(run, ms),
  forget: (timer) => window.clearTimeout(timer),
  random: Math.random,
  frame: paced(),
  network: (changed) => {
    const online = () => changed(true);
    const offline = () => changed(false);
    window.addEventListener("online", online);
    window.addEventListener("offline", offline);
    return () => {
      window.removeEventListener("online", online);
      window.removeEventListener("offline", offline);
    };
  },
};

export interface Link<M> {
  /** called for each connection, so that it can name the last event seen */
  url: () => string;
  batch: (messages: M[]) => Verdict | undefined;
  state: (state: LinkState) => void;
  /** the session has ended */
  signedOut?: () => void;
}

/** "again": messages are missing, so reconnect and resume from the last known event. */
export type Verdict = "again";

const FIRST_WAIT = 500;
const LONGEST_WAIT = 15_000;
/** A server that has nothing to say sends a heartbeat every 4 s. After two that are missing the line is dead, even if
 * nobody has closed it, as when the Wi-Fi is gone. */
const SILENCE = 9_000;
const HEARTBEAT = "heartbeat";
/** Close codes after which reconnecting is pointless. */
const NOT_SIGNED_IN = 4401;
const NOT_FOUND = 4404;

/** Opens the link and returns a function that closes it. */
export function openLink<M>(link: Link<M>, environment: SocketEnvironment = browser): () => void {
  let socket: WebSocket | null = null;
  let closed = false;
  let gone = false;
  let failures = 0;
  let timer = 0;
  let silence = 0;
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

  const take = (message: { type?: string }) => {
    failures = 0;
    if (message.type === HEARTBEAT) return;
    waiting.push(message as M);
    if (!framed) {
      framed = true;
      environment.frame(flush);
    }
  };

  const drop = () => {
    environment.forget(silence);
    const old = socket;
    socket = null;
    waiting = [];
    old?.close();
  };

  const connect = () => {
    if (closed) return;
    const opened = environment.open(link.url());
    opened.binaryType = "arraybuffer";
    socket = opened;
    let unpacking = 0;
    let unpacked: Promise<void> = Promise.resolve();
    listen();
    opened.onopen = () => {
      if (socket === opened) link.state("live");
    };
    opened.onmessage = ({ data }: MessageEvent<string | ArrayBuffer>) => {
      if (socket !== opened) return;
      listen();
      if (typeof data === "string" && unpacking === 0) {
        take(JSON.parse(data));
        return;
      }
      // A message must not overtake one before it that is still being decompressed.
      const message = typeof data === "string" ? JSON.parse(data) : decompressed(data);
      unpacking += 1;
      unpacked = unpacked
        .then(() => message)
        .then((ready) => {
          unpacking -= 1;
          if (socket === opened) take(ready);
        })
        .catch(() => {
          if (socket === opened) reconnect();
        });
    };
    opened.onclose = (event: CloseEvent) => {
      if (socket !== opened || closed) return;
      socket = null;
      environment.forget(silence);
      if (event.code === NOT_SIGNED_IN || event.code === NOT_FOUND) {
        gone = true;
        link.state(event.code === NOT_FOUND ? "gone" : "lost");
        if (event.code === NOT_SIGNED_IN) link.signedOut?.();
        return;
      }
      link.state("lost");
      retry();
    };
  };

  const retry = () => {
    environment.forget(timer);
    timer = environment.later(connect, backoff(failures, environment.random));
    failures += 1;
  };

  /** Waits for the next message, and takes the line for dead if none comes. */
  const listen = () => {
    environment.forget(silence);
    silence = environment.later(reconnect, SILENCE);
  };

  const reconnect = () => {
    drop();
    link.state("lost");
    retry();
  };

  // A studio on this machine answers without a network, so it is tried then too.
  const ignoreNetwork = environment.network((online) => {
    if (gone) return;
    environment.forget(timer);
    if (online && socket === null) connect();
    else if (!online) {
      drop();
      link.state("lost");
      retry();
    }
  });

  link.state("connecting");
  connect();
  return () => {
    closed = true;
    ignoreNetwork();
    environment.forget(timer);
    drop();
  };
}

/** The JSON of a binary frame, which zlib compressed. */
async function decompressed(data: ArrayBuffer): Promise<{ type?: string }> {
  const text = new Blob([data]).stream().pipeThrough(new DecompressionStream("deflate"));
  return new Response(text).json();
}

/** Exponential backoff with jitter, so that clients do not reconnect at the same time. */
export function backoff(failures: number, random: () => number): number {
  const longest = Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** failures);
  return longest / 2 + (random() * longest) / 2;
}
