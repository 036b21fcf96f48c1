// The server as sending a file needs it, and its two kinds of errors. The implementation is browserTransport.ts.

/** The fields of an upload that sending needs. */
export interface Received {
  readonly id: string;
  readonly bytes: number;
  readonly received: number;
  readonly status: string;
  readonly part_bytes: number;
}

export interface Draft {
  readonly name: string;
  readonly bytes: number;
  /** in ms since 1970 */
  readonly modified: number;
  readonly title?: string;
  readonly holds?: "images" | "text";
  readonly side?: number;
  readonly tokens?: "blanks" | "words";
  readonly vocabulary?: number;
}

export interface Transport<U extends Received = Received> {
  create: (draft: Draft) => Promise<U>;
  read: (id: string) => Promise<U>;
  /** sends one part; `sent` reports the bytes in flight */
  put: (
    id: string,
    offset: number,
    part: Blob,
    sent: (bytes: number) => void,
    signal: AbortSignal,
  ) => Promise<U>;
  finish: (id: string) => Promise<U>;
  cancel: (id: string) => Promise<void>;
}

/** There was no answer: the connection broke, or the server is down. */
export class Dropped extends Error {
  constructor(message = "The server did not answer.") {
    super(message);
    this.name = "Dropped";
  }
}

/** The server answered with an error; the message is its sentence. */
export class Refused extends Error {
  constructor(
    readonly status: number,
    message: string,
    /** bytes it has, if it expected another part */
    readonly received: number | null = null,
    /** seconds to wait before the next try */
    readonly retryAfter: number | null = null,
    /** the field that the error is about */
    readonly attr: string | null = null,
  ) {
    super(message || `The server answered with error ${status}.`);
    this.name = "Refused";
  }

  /** A later try may succeed. */
  get isTransient(): boolean {
    return this.status >= 500 || this.status === 429 || this.status === 408;
  }
}
