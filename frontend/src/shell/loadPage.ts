// Fetches the code of a page, through lost connections and new versions of the studio. The router never sees a lost
// connection: it would remember it and never ask again.

import { create } from "zustand";
import { recall, remember } from "../ui/storage";

const PAUSE = 3_000; // ms between two tries without a connection
const RELOADED = "espalier.reloaded";

/** Whether a page waits for the connection. */
export const useConnection = create<{ lost: boolean }>()(() => ({ lost: false }));

export interface PageEnvironment {
  /** whether the server answers */
  reachable: () => Promise<boolean>;
  /** resolves when the network is back, or after a while */
  pause: () => Promise<void>;
  /** reloads the whole page at this address */
  open: (address: string) => void;
}

const browser: PageEnvironment = {
  reachable: () =>
    fetch("/healthz", { cache: "no-store" }).then(
      (answer) => answer.ok,
      () => false,
    ),
  pause: () =>
    new Promise((done) => {
      const over = () => {
        window.removeEventListener("online", over);
        window.clearTimeout(timer);
        done();
      };
      const timer = window.setTimeout(over, PAUSE);
      window.addEventListener("online", over);
    }),
  open: (address) => location.assign(address),
};

/** The module of a page. `address` is where the person is going. */
export async function loadPage<M>(
  load: () => Promise<M>,
  address: () => string,
  environment: PageEnvironment = browser,
): Promise<M> {
  let refused = 0;
  for (let first = true; ; first = false) {
    try {
      if (!first) await replaceBrokenSheets();
      const page = await load();
      useConnection.setState({ lost: false });
      return page;
    } catch (error) {
      if (await environment.reachable()) {
        refused += 1;
        // The server answers without giving the file twice: it has a newer version of the studio, whose files have
        // other names. Or the browser remembers that the file could not be loaded.
        if (refused > 1) return reload(address(), error, environment);
      } else {
        refused = 0;
        useConnection.setState({ lost: true });
        await environment.pause();
      }
    }
  }
}

/** Once a minute: loading a page again and again would help nobody. */
function reload(address: string, error: unknown, environment: PageEnvironment): Promise<never> {
  if (Date.now() - Number(recall("session", RELOADED)) < 60_000) throw error;
  remember("session", RELOADED, String(Date.now()));
  environment.open(address);
  return new Promise(() => {});
}

/** Vite asks for a sheet once, and leaves a link without a sheet where it could not be loaded. */
async function replaceBrokenSheets(): Promise<void> {
  const links = document.querySelectorAll<HTMLLinkElement>('link[rel="stylesheet"]');
  await Promise.all([...links].filter((link) => link.sheet === null).map(replaced));
}

function replaced(link: HTMLLinkElement): Promise<void> {
  const again = link.cloneNode() as HTMLLinkElement;
  return new Promise((resolve, reject) => {
    again.onload = () => resolve();
    again.onerror = () => reject(new Error(`The sheet ${link.href} could not be loaded.`));
    link.replaceWith(again);
  });
}
