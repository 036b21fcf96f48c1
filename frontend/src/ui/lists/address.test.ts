import { describe, expect, it } from "vitest";
import {
  ascending,
  CLEAR,
  changeAddress,
  descending,
  directionOf,
  nextOrder,
  queryOf,
  readAddress,
} from "./address";

const at = (query: string) => new URLSearchParams(query);

describe("the URL of a list", () => {
  it("says the same when it is read back, and leaves out defaults", () => {
    const chosen = { status: ["running", "paused"], tag: ["Edge"] };
    const written = changeAddress(at(""), { text: "porch", chosen, archived: "all", sort: "macs" });
    expect(written.toString()).toBe(
      "text=porch&status=running&status=paused&tag=Edge&archived=all&sort=macs",
    );
    expect(queryOf(readAddress(written))).toEqual({
      text: "porch",
      ...chosen,
      archived: "all",
      sort: "macs",
      page: 1,
    });
    expect(changeAddress(at(""), {}).toString()).toBe("");
  });

  it("keeps what belongs to something else on the page", () => {
    expect(changeAddress(at("cost=params&text=a"), { text: "b" }).toString()).toBe("cost=params&text=b");
    expect(changeAddress(at("cost=params&text=a&tag=x&sort=name"), CLEAR).toString()).toBe(
      "cost=params&sort=name",
    );
  });

  it("starts at the first page after any other change", () => {
    expect(readAddress(changeAddress(at("page=3"), { sort: "name" })).page).toBe(1);
    expect(readAddress(changeAddress(at("page=3"), { chosen: { tag: ["x"] } })).page).toBe(1);
    expect(readAddress(changeAddress(at("page=3"), { page: 4 })).page).toBe(4);
  });

  it("replaces a page that cannot be by the first", () => {
    expect(readAddress(at("page=-2&archived=perhaps"))).toMatchObject({ page: 1, archived: "no" });
  });

  it("reverses the order when a column is clicked again", () => {
    const macs = ascending("macs", "MACs");
    expect(nextOrder("-created_at", macs)).toBe("macs");
    expect(nextOrder("macs", macs)).toBe("-macs");
    expect(nextOrder("-macs", macs)).toBe("macs");
    expect(nextOrder("macs", descending("accuracy", "Accuracy"))).toBe("-accuracy");
    expect(directionOf("-macs", "macs")).toBe("descending");
    expect(directionOf("-macs", "name")).toBeUndefined();
  });
});
