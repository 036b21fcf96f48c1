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
  async begin(file: File, options: Omit<Draft, "name" | "bytes" | "modified">): Promise<U> {
    const upload = await this.transport.create({
      name: file.name,
      bytes: file.size,
      modified: file.lastModified,
      ...options,
    });
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

type Announced = Received & { readonly name: string; readonly modified: number | null };

/** Whether an upload that began with one file may go on with this one. */
export function isSameFile(
  file: Pick<File, "name" | "size" | "lastModified">,
  { name, bytes, modified }: Announced,
): boolean {
  return file.name === name && file.size === bytes && [null, file.lastModified].includes(modified);
}

/** An interrupted upload of this file. */
export function findInterrupted<U extends Announced>(
  file: Pick<File, "name" | "size" | "lastModified">,
  uploads: readonly U[],
): U | undefined {
  return uploads.find((each) => each.status === "receiving" && isSameFile(file, each));
}
