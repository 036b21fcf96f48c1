// What sending a file needs of a server, and the two ways in which it may not get it. The browser's own is in wire.ts.

/** An upload as far as sending goes; the server's answers carry more. */
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
  readonly title?: string;
  readonly side?: number;
  readonly tokens?: "blanks" | "words";
  readonly vocabulary?: number;
}

export interface Transport<U extends Received = Received> {
  create: (draft: Draft) => Promise<U>;
  read: (id: string) => Promise<U>;
  /** one part, with the bytes of it that are on their way as they go */
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

/** No answer came: the connection broke, or nobody listens. */
export class Dropped extends Error {
  constructor(message = "The server did not answer.") {
    super(message);
    this.name = "Dropped";
  }
}

/** The server answered, and not with what was asked for; the message is its sentence. */
export class Refused extends Error {
  constructor(
    readonly status: number,
    message: string,
    /** bytes it has, where the part that was sent is not the one that it waits for */
    readonly received: number | null = null,
    /** seconds after which it may be asked again */
    readonly retryAfter: number | null = null,
    /** the field that it is about */
    readonly attr: string | null = null,
  ) {
    super(message || `The server answered ${status}.`);
    this.name = "Refused";
  }

  /** It may be another answer in a while. */
  get isTransient(): boolean {
    return this.status >= 500 || this.status === 429 || this.status === 408;
  }
}
