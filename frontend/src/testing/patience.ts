// For all tests: how long to wait for what is to appear, on a busy machine, and updates that do not wait for one another,
// as nothing is drawn.
import { configure } from "@testing-library/react";
import { vi } from "vitest";

configure({ asyncUtilTimeout: 10_000 });
vi.mock("../live/pace", () => ({ paced: () => (update: () => void) => requestAnimationFrame(update) }));
