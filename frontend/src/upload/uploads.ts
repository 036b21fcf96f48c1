// The uploads that this window sends. They continue while the user visits other pages.
import { type Progress, Sender, type SenderEnvironment } from "./sender";
import type { Draft, Received, Transport } from "./transport";

export class Uploads<U extends Received = Received> {
  private readonly senders = new Map<string, Sender<U>>();
  private readonly listeners = new Set<() => void>();
  private progressById: ReadonlyMap<string, Progress> = new Map();

  constructor(
    private readonly transport: Transport<U>,
    private readonly environment?: SenderEnvironment,
  ) {}

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  /** Progress by id; a new map after every change. */
  readonly snapshot = (): ReadonlyMap<string, Progress> => this.progressById;

  /** Creates an upload on the server and starts to send the file. */
  async begin(file: File, options: Omit<Draft, "name" | "bytes">): Promise<U> {
    const upload = await this.transport.create({ name: file.name, bytes: file.size, ...options });
    this.send(file, upload);
    return upload;
  }

  /** Resumes an interrupted upload. The user must choose the file again, because pages cannot keep it. */
  resume(file: File, upload: U): void {
    this.senders.get(upload.id)?.pause();
    this.send(file, upload);
  }

  pause(id: string): void {
    this.senders.get(id)?.pause();
  }

  start(id: string): void {
    this.senders.get(id)?.start();
  }

  retryNow(id: string): void {
    this.senders.get(id)?.retryNow();
  }

  async cancel(id: string): Promise<void> {
    const sender = this.senders.get(id);
    if (!sender) return this.transport.cancel(id);
    await sender.cancel();
    this.senders.delete(id);
    this.notify();
  }

  private send(file: File, upload: U): void {
    const sender = new Sender<U>(file, upload, this.transport, () => this.notify(), this.environment);
    this.senders.set(upload.id, sender);
    sender.start();
  }

  private notify(): void {
    this.progressById = new Map([...this.senders].map(([id, { progress }]) => [id, progress]));
    for (const listener of this.listeners) listener();
  }
}

/** An interrupted upload of a file with the same name and size. */
export function findInterrupted<U extends Received & { readonly name: string }>(
  file: { readonly name: string; readonly size: number },
  uploads: readonly U[],
): U | undefined {
  return uploads.find(
    (each) => each.status === "receiving" && each.name === file.name && each.bytes === file.size,
  );
}
