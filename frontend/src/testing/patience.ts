// For all tests: how long to wait for what is to appear, on a busy machine.
import { configure } from "@testing-library/react";

configure({ asyncUtilTimeout: 10_000 });
