// Sends one file in parts and survives lost connections: it asks the server what it has and resumes, after 1, 2, 4 … 30
// seconds. Parts are slices of the file, so only one is in memory at a time.
import { Dropped, type Received, Refused, type Transport } from "./transport";

export type Phase = "sending" | "waiting" | "paused" | "sent" | "refused" | "cancelled";

export interface Progress {
  readonly phase: Phase;
  /** bytes received by the server or in flight */
  readonly sent: number;
  readonly bytes: number;
  /** a sentence on why it waits or was refused */
  readonly reason: string;
  /** it waits because there was no answer, not because the server asked it to */
  readonly disconnected: boolean;
  /** seconds until the next try, while it waits */
  readonly retryIn: number | null;
  /** bytes per second since the last start; null if unknown */
  readonly rate: number | null;
}

export interface SenderEnvironment {
  now: () => number;
  later: (run: () => void, ms: number) => number;
  forget: (timer: number) => void;
  /** calls back when the network is available again; returns a function that unsubscribes */
  online: (run: () => void) => () => void;
}

const browser: SenderEnvironment = {
  now: () => performance.now(),
  later: (run, ms) => window.setTimeout(run, ms),
  forget: (timer) => window.clearTimeout(timer),
  online: (run) => {
    window.addEventListener("online", run);
    return () => window.removeEventListener("online", run);
  },
};

const LONGEST_WAIT = 30;
const CHANGED =
  "The file was changed or moved after you selected it. Cancel this upload and select the file again.";

/** Seconds to wait after this many failures in a row. */
export function retryDelay(failures: number): number {
  return Math.min(LONGEST_WAIT, 2 ** Math.max(0, failures - 1));
}

export class Sender<U extends Received = Received> {
  private offset: number;
  private flight: AbortController | null = null;
  private wake: (() => void) | null = null;
  private began = { at: 0, sent: 0 };
  progress: Progress;

  constructor(
    private readonly file: Blob,
    private readonly upload: U,
    private readonly transport: Transport<U>,
    private readonly changed: () => void,
    private readonly environment: SenderEnvironment = browser,
  ) {
    this.offset = upload.received;
    this.progress = {
      phase: "paused",
      sent: upload.received,
      bytes: upload.bytes,
      reason: "",
      disconnected: false,
      retryIn: null,
      rate: null,
    };
  }

  /** Starts, or resumes after a pause. */
  start(): void {
    if (this.progress.phase !== "paused" && this.progress.phase !== "refused") return;
    const flight = new AbortController();
    this.flight = flight;
    this.began = { at: this.environment.now(), sent: this.offset };
    this.update({ phase: "sending", reason: "", retryIn: null, rate: null });
    void this.run(flight.signal);
  }

  pause(): void {
    if (this.progress.phase !== "sending" && this.progress.phase !== "waiting") return;
    this.stop();
    this.update({ phase: "paused", sent: this.offset, reason: "", retryIn: null, rate: null });
  }

  /** Cancels here and on the server, which deletes what it received. */
  async cancel(): Promise<void> {
    this.stop();
    this.update({ phase: "paused", sent: this.offset, reason: "", retryIn: null, rate: null });
    await this.transport.cancel(this.upload.id);
    this.update({ phase: "cancelled" });
  }

  /** Retries at once if it waits. */
  retryNow(): void {
    this.wake?.();
  }

  private stop(): void {
    this.flight?.abort();
    this.flight = null;
    this.wake?.();
  }

  private async run(signal: AbortSignal): Promise<void> {
    let failures = 0;
    let sure = false; // whether `offset` is confirmed by the server
    while (!signal.aborted) {
      try {
        if (!sure) {
          const remote = await this.transport.read(this.upload.id);
          if (signal.aborted) return;
          this.offset = remote.received;
          if (remote.status !== "receiving") return this.update({ phase: "sent", sent: this.upload.bytes });
          sure = true;
        }
        this.update({ phase: "sending", sent: this.offset, reason: "", retryIn: null });
        if (this.offset >= this.upload.bytes) {
          await this.transport.finish(this.upload.id);
          if (!signal.aborted) this.update({ phase: "sent", sent: this.upload.bytes, retryIn: null });
          return;
        }
        const before = this.offset;
        await this.part(signal);
        if (this.offset <= before) throw new Dropped("The server did not accept the data.");
        failures = 0;
      } catch (error) {
        if (signal.aborted) return;
        if (error instanceof Refused && error.received !== null && error.received !== this.offset) {
          this.offset = error.received; // another window was faster, or an answer was lost
          continue;
        }
        sure = false;
        failures += 1;
        const verdict = await this.verdict(error, failures);
        if (signal.aborted) return;
        if (verdict.retryIn === null) return this.update({ phase: "refused", sent: this.offset, ...verdict });
        this.update({ phase: "waiting", sent: this.offset, ...verdict });
        await this.wait(verdict.retryIn);
        this.began = { at: this.environment.now(), sent: this.offset };
      }
    }
  }

  private async part(signal: AbortSignal): Promise<void> {
    const from = this.offset;
    const part = this.file.slice(from, Math.min(from + this.upload.part_bytes, this.upload.bytes));
    const moved = (bytes: number) => {
      if (!signal.aborted)
        this.update({ sent: from + Math.min(bytes, part.size), rate: this.rate(from + bytes) });
    };
    const { received } = await this.transport.put(this.upload.id, from, part, moved, signal);
    if (signal.aborted) return;
    this.offset = received;
    this.update({ sent: received, rate: this.rate(received) });
  }

  /** Whether to wait or to give up after a failure, and why. */
  private async verdict(
    error: unknown,
    failures: number,
  ): Promise<Pick<Progress, "reason" | "disconnected" | "retryIn">> {
    if (error instanceof Refused) {
      const passes = error.isTransient || error.status === 409;
      return {
        reason: error.message,
        disconnected: false,
        retryIn: passes ? (error.retryAfter ?? retryDelay(failures)) : null,
      };
    }
    if (!(error instanceof Dropped)) return { reason: String(error), disconnected: false, retryIn: null };
    if (!(await this.readable())) return { reason: CHANGED, disconnected: false, retryIn: null };
    return { reason: error.message, disconnected: true, retryIn: retryDelay(failures) };
  }

  /** A file that was changed on disk cannot be read any more, which looks like a dropped connection. */
  private async readable(): Promise<boolean> {
    try {
      await this.file.slice(this.offset, this.offset + 1).arrayBuffer();
      return true;
    } catch {
      return false;
    }
  }

  private wait(seconds: number): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        this.wake = null;
        this.environment.forget(timer);
        stop();
        resolve();
      };
      const timer = this.environment.later(done, seconds * 1_000);
      const stop = this.environment.online(done);
      this.wake = done;
    });
  }

  private rate(sent: number): number | null {
    const seconds = (this.environment.now() - this.began.at) / 1_000;
    return seconds < 0.5 ? null : (sent - this.began.sent) / seconds;
  }

  private update(change: Partial<Progress>): void {
    this.progress = { ...this.progress, ...change };
    this.changed();
  }
}
