import { describe, expect, it } from "vitest";
import { DEFAULT_ADDRESS, directionOf, nextOrdering, readAddress, writeAddress } from "./address";

describe("the catalog's URL", () => {
  it("reads back what it wrote and leaves out defaults", () => {
    const params = writeAddress(DEFAULT_ADDRESS, { text: "step", sort: "macs", cost: "params" });
    expect(params.toString()).toBe("text=step&sort=macs&cost=params");
    expect(readAddress(params)).toEqual({ text: "step", sort: "macs", page: 1, cost: "params" });
    expect(writeAddress(DEFAULT_ADDRESS, {}).toString()).toBe("");
  });
  it("starts at the first page when the filter or the order changes", () => {
    const third = { ...DEFAULT_ADDRESS, page: 3 };
    expect(readAddress(writeAddress(third, { sort: "name" })).page).toBe(1);
    expect(readAddress(writeAddress(third, { cost: "params" })).page).toBe(3);
  });
  it("replaces invalid values by defaults", () => {
    expect(readAddress(new URLSearchParams("page=-2&cost=fame&sort=-luck"))).toEqual(DEFAULT_ADDRESS);
  });
  it("reverses the order when a column is clicked again", () => {
    expect(nextOrdering("-created_at", "macs", "ascending")).toBe("macs");
    expect(nextOrdering("macs", "macs", "ascending")).toBe("-macs");
    expect(nextOrdering("macs", "accuracy", "descending")).toBe("-accuracy");
    expect(directionOf("-macs", "macs")).toBe("descending");
    expect(directionOf("-macs", "name")).toBeUndefined();
  });
});
