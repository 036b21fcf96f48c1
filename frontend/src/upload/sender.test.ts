import { expect, it } from "vitest";
import { type Progress, retryDelay, Sender, type SenderEnvironment } from "./sender";
import { Dropped, type Received, Refused, type Transport } from "./transport";
import { findInterrupted, Uploads } from "./uploads";

const PART = 4;
const text = "abcdefghij";

/** A scripted server in memory, and a clock that the test controls. */
function bench({ received = 0 } = {}) {
  const timers = new Map<number, { run: () => void; ms: number }>();
  const messages: Progress[] = [];
  const puts: string[] = [];
  let count = 0;
  let networks: (() => void)[] = [];
  const server = {
    body: text.slice(0, received),
    status: "receiving",
    trouble: [] as (Error | "lost answer" | "hang")[],
    calls: [] as string[],
  };
  const seen = (): Received => ({
    id: "u1",
    bytes: text.length,
    received: server.body.length,
    status: server.status,
    part_bytes: PART,
  });
  const transport: Transport = {
    create: async ({ name, bytes, title, side }) => {
      server.calls.push(`create ${name} ${bytes} ${title ?? "-"} ${side ?? "-"}`);
      return seen();
    },
    read: async () => {
      server.calls.push("read");
      const trouble = server.trouble[0];
      if (trouble instanceof Dropped) {
        server.trouble.shift();
        throw trouble;
      }
      return seen();
    },
    put: async (_, offset, part, sent, signal) => {
      server.calls.push(`put ${offset}`);
      sent(Math.floor(part.size / 2));
      const trouble = server.trouble.shift();
      if (trouble === "hang") {
        await new Promise((_, reject) => signal.addEventListener("abort", () => reject(new Dropped())));
      }
      if (trouble instanceof Error) throw trouble;
      if (offset !== server.body.length) throw new Refused(409, "Not the next part.", server.body.length);
      puts.push(await part.text());
      server.body += await part.text();
      if (trouble === "lost answer") throw new Dropped();
      sent(part.size);
      return seen();
    },
    finish: async () => {
      server.calls.push("finish");
      server.status = "waiting";
      return seen();
    },
    cancel: async () => {
      server.calls.push("cancel");
      server.body = "";
    },
  };
  const environment: SenderEnvironment = {
    now: () => 0,
    later: (run, ms) => {
      count += 1;
      timers.set(count, { run, ms });
      return count;
    },
    forget: (timer) => void timers.delete(timer),
    online: (run) => {
      networks.push(run);
      return () => {
        networks = networks.filter((each) => each !== run);
      };
    },
  };
  const sender: Sender = new Sender(
    new Blob([text]),
    seen(),
    transport,
    () => messages.push(sender.progress),
    environment,
  );
  return {
    sender,
    server,
    messages,
    puts,
    transport,
    environment,
    timers,
    phase: () => sender.progress.phase,
    waits: () => [...timers.values()].map(({ ms }) => ms),
    tick: () => {
      for (const [id, { run }] of [...timers]) {
        timers.delete(id);
        run();
      }
    },
    network: () => {
      for (const run of networks) run();
    },
  };
}

/** Waits until nothing can proceed without the clock. */
const settled = async () => {
  for (let turn = 0; turn < 40; turn += 1) await Promise.resolve();
  await new Promise((resolve) => setTimeout(resolve));
};

it("sends the parts in order, and reports progress and completion", async () => {
  const { sender, server, messages, puts, phase } = bench();
  sender.start();
  await settled();
  expect(puts).toEqual(["abcd", "efgh", "ij"]);
  expect(server.calls).toEqual(["read", "put 0", "put 4", "put 8", "finish"]);
  expect(phase()).toBe("sent");
  const sent = messages.map((each) => each.sent);
  expect(sent).toEqual([...sent].sort((a, b) => a - b));
  expect(sent).toContain(2);
  expect(sent.at(-1)).toBe(text.length);
});

it("resumes from what the server has, after a reload", async () => {
  const { sender, puts, server } = bench({ received: 8 });
  sender.start();
  await settled();
  expect(puts).toEqual(["ij"]);
  expect(server.body).toBe(text);
});

it("waits longer after each failure, asks the server what it has, and resumes", async () => {
  const { sender, server, phase, waits, tick } = bench();
  server.trouble = [new Dropped(), new Dropped(), new Dropped()];
  sender.start();
  await settled(); // the first error hits the status request, the others hit parts
  expect(phase()).toBe("waiting");
  expect(waits()).toEqual([1_000]);
  tick();
  await settled();
  expect(waits()).toEqual([2_000]);
  tick();
  await settled();
  expect(waits()).toEqual([4_000]);
  tick();
  await settled();
  expect(phase()).toBe("sent");
  expect(server.body).toBe(text);
});

it("does not send a part again if only its answer was lost", async () => {
  const { sender, server, puts, tick } = bench();
  server.trouble = ["lost answer"];
  sender.start();
  await settled();
  tick();
  await settled();
  expect(puts).toEqual(["abcd", "efgh", "ij"]);
  expect(server.body).toBe(text);
});

it("never waits longer than half a minute", () => {
  expect([1, 2, 3, 4, 5, 6, 60].map(retryDelay)).toEqual([1, 2, 4, 8, 16, 30, 30]);
});

it("retries at once when the network is back", async () => {
  const { sender, server, network, phase, timers } = bench();
  server.trouble = [new Dropped()];
  sender.start();
  await settled();
  expect(phase()).toBe("waiting");
  network();
  await settled();
  expect(phase()).toBe("sent");
  expect(timers.size).toBe(0);
});

it("uses the server's count if another window was faster", async () => {
  const { sender, server, puts } = bench();
  server.trouble = [new Refused(409, "Not the next part.", 4)];
  server.body = "";
  sender.start();
  server.body = "abcd";
  await settled();
  expect(puts).toEqual(["efgh", "ij"]);
  expect(server.body).toBe(text);
});

it("stops with the server's message when it is refused", async () => {
  const { sender, server, messages, waits } = bench();
  server.trouble = [new Refused(413, "A part is at most 4 MiB.")];
  sender.start();
  await settled();
  expect(messages.at(-1)).toMatchObject({ phase: "refused", reason: "A part is at most 4 MiB.", sent: 0 });
  expect(waits()).toEqual([]);
});

it("waits as long as the server asks when it is rate limited", async () => {
  const { sender, server, messages, waits } = bench();
  server.trouble = [new Refused(429, "Too many parts at once. Try again in 7 seconds.", null, 7)];
  sender.start();
  await settled();
  expect(messages.at(-1)).toMatchObject({ phase: "waiting", retryIn: 7 });
  expect(messages.at(-1)?.reason).toContain("Try again in 7 seconds.");
  expect(waits()).toEqual([7_000]);
});

it("pauses in the middle of a part, and resumes", async () => {
  const { sender, server, phase, puts } = bench();
  server.trouble = ["hang"];
  sender.start();
  await settled();
  sender.pause();
  await settled();
  expect(phase()).toBe("paused");
  expect(sender.progress.sent).toBe(0);
  sender.start();
  await settled();
  expect(puts).toEqual(["abcd", "efgh", "ij"]);
  expect(phase()).toBe("sent");
});

it("cancels here and on the server, and sends nothing more", async () => {
  const { sender, server, phase, timers } = bench();
  server.trouble = [new Dropped()];
  sender.start();
  await settled();
  await sender.cancel();
  await settled();
  expect(phase()).toBe("cancelled");
  expect(server.calls.at(-1)).toBe("cancel");
  expect(timers.size).toBe(0);
});

it("says so when the file can no longer be read", async () => {
  const { transport, environment } = bench();
  const gone = new Blob([text]);
  gone.slice = () => ({ size: PART, arrayBuffer: () => Promise.reject(new Error("NotReadable")) }) as never;
  const broken: Transport = { ...transport, put: () => Promise.reject(new Dropped()) };
  const upload = await transport.create({ name: "pets.zip", bytes: text.length, modified: 1_000 });
  const sender = new Sender(gone, upload, broken, () => undefined, environment);
  sender.start();
  await settled();
  expect(sender.progress.phase).toBe("refused");
  expect(sender.progress.reason).toContain("select the file again");
});

it("keeps sending, and notifies listeners", async () => {
  const { transport, environment, server } = bench();
  const uploads = new Uploads(transport, environment);
  let notifications = 0;
  const stop = uploads.subscribe(() => {
    notifications += 1;
  });
  const { id } = await uploads.begin(new File([text], "pets.zip"), { title: "Pets", side: 32 });
  expect(server.calls[0]).toBe("create pets.zip 10 Pets 32");
  await settled();
  stop();
  expect(uploads.snapshot().get(id)?.phase).toBe("sent");
  expect(notifications).toBeGreaterThan(3);
});

it("recognises the file of an unfinished upload by name, size and when it was modified", () => {
  const about = { id: "u1", name: "pets.zip", bytes: 10, modified: 1_000 };
  const row = { ...about, received: 4, status: "receiving", part_bytes: PART };
  const file = { name: "pets.zip", size: 10, lastModified: 1_000 };
  expect(findInterrupted(file, [row])).toBe(row);
  expect(findInterrupted(file, [{ ...row, modified: null }])).toBeDefined(); // another program announced it
  expect(findInterrupted({ ...file, size: 11 }, [row])).toBeUndefined();
  expect(findInterrupted({ ...file, lastModified: 1_001 }, [row])).toBeUndefined();
  expect(findInterrupted(file, [{ ...row, status: "refused" }])).toBeUndefined();
});
