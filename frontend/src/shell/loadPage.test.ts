import { beforeEach, describe, expect, it } from "vitest";
import { loadPage, type PageEnvironment, useConnection } from "./loadPage";

const PAGE = { Component: () => null };

/** A network of which each answer is listed: whether the server can be reached. */
class Network implements PageEnvironment {
  pauses = 0;
  readonly opened: string[] = [];

  constructor(private readonly answers: boolean[]) {}

  reachable = async () => this.answers.shift() ?? false;
  pause = async () => {
    expect(useConnection.getState().lost).toBe(true);
    this.pauses += 1;
  };
  open = (address: string) => {
    this.opened.push(address);
  };
}

/** Fails so many times, then is there. */
function failing(failures: number) {
  let left = failures;
  return () => {
    left -= 1;
    return left < 0
      ? Promise.resolve(PAGE)
      : Promise.reject(new Error("Unable to preload CSS for /Catalog.css"));
  };
}

const catalog = () => "/catalog";

describe("the code of a page", () => {
  beforeEach(() => {
    sessionStorage.clear();
    useConnection.setState({ lost: false });
  });

  it("is asked for until the connection is back", async () => {
    const network = new Network([false, false, false]);
    expect(await loadPage(failing(3), catalog, network)).toBe(PAGE);
    expect(network.pauses).toBe(3);
    expect(network.opened).toEqual([]);
    expect(useConnection.getState().lost).toBe(false);
  });

  it("is asked for again at once if the server answers after all", async () => {
    const network = new Network([true]);
    expect(await loadPage(failing(1), catalog, network)).toBe(PAGE);
    expect([network.pauses, network.opened]).toEqual([0, []]);
  });

  it("reloads the address, once, when the server has no such file any more", async () => {
    const network = new Network([true, true, true, true]);
    void loadPage(failing(99), catalog, network);
    await expect.poll(() => network.opened).toEqual(["/catalog"]);
    await expect(loadPage(failing(99), catalog, network)).rejects.toThrow("Unable to preload");
    expect(network.opened).toEqual(["/catalog"]);
  });
});
