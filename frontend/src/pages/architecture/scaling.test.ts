import { expect, it } from "vitest";
import { REQUEST_LIMITS } from "../../testing/requestLimits";
import { requestOf, type ScaleForm } from "./scaling";

const form: ScaleForm = {
  params: "",
  macs: "",
  peak_memory: "",
  profile: "",
  bytes: 1,
  family: "published",
  dataset: "digits",
  resolution: "",
  classes: "",
  vocabulary: "",
};

it("makes no request without a limit", () => {
  expect(requestOf(form, "image", REQUEST_LIMITS)).toEqual({ request: null, errors: {} });
});

it("requests the dataset's own size unless another resolution is given", () => {
  const { request } = requestOf(
    { ...form, params: "1.5M", peak_memory: "320 KiB", classes: "7" },
    "image",
    REQUEST_LIMITS,
  );
  expect(request).toEqual({
    family: "published",
    dataset: "digits",
    resolution: null,
    classes: null,
    vocabulary: null,
    budget: { params: 1_500_000, macs: null, peak_memory: 327_680, bytes_per_element: 1 },
  });
  expect(
    requestOf({ ...form, macs: "300M", resolution: "160" }, "image", REQUEST_LIMITS).request?.resolution,
  ).toBe(160);
});

it("sends sizes if there is no dataset", () => {
  const free = { ...form, dataset: "", macs: "10M", vocabulary: "7002", classes: "1001" };
  expect(requestOf(free, "text", REQUEST_LIMITS).request).toMatchObject({
    dataset: null,
    vocabulary: 7_002,
    classes: null,
  });
  expect(requestOf(free, "image", REQUEST_LIMITS).request).toMatchObject({
    dataset: null,
    vocabulary: null,
    classes: 1_001,
  });
});

it("names the field that is not a number", () => {
  expect(
    Object.keys(requestOf({ ...form, macs: "some", resolution: "0" }, "image", REQUEST_LIMITS).errors),
  ).toEqual(["macs", "resolution"]);
});
