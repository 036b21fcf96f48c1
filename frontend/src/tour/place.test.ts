import { expect, it } from "vitest";
import { placeBeside } from "./place";

const panel = { width: 340, height: 180 };
const wide = { width: 1440, height: 900 };
const phone = { width: 390, height: 844 };

it.each([
  ["below", { left: 100, top: 50, width: 400, height: 300 }, wide, { left: 100, top: 360 }],
  ["above", { left: 0, top: 820, width: 1440, height: 80 }, wide, { left: 8, top: 630 }],
  ["to the right", { left: 0, top: 100, width: 900, height: 700 }, wide, { left: 910, top: 100 }],
  ["to the left", { left: 900, top: 100, width: 540, height: 700 }, wide, { left: 550, top: 100 }],
  ["in the corner", { left: 0, top: 60, width: 1440, height: 800 }, wide, { left: 1092, top: 712 }],
  ["below", { left: 300, top: 50, width: 90, height: 300 }, phone, { left: 42, top: 360 }],
  ["in the window", { left: 20, top: -600, width: 300, height: 200 }, phone, { left: 20, top: 8 }],
])("puts the panel %s", (_, target, window, expected) => {
  expect(placeBeside(target, panel, window)).toEqual(expected);
});
