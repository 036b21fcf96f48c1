import { useQuery } from "@tanstack/react-query";
import { fireEvent, screen, waitFor } from "@testing-library/react";
import { useEffect, useState } from "react";
import { useLocation } from "react-router";
import { beforeEach, expect, it, vi } from "vitest";
import type { Me } from "../api/types";
import { TourHost } from "../shell/TourHost";
import { UserMenu } from "../shell/UserMenu";
import { ErrorAnswer, type FakeRequest, pageOf, renderPage, server } from "../testing/fakeServer";
import { useTourState } from "./useTour";

vi.mock("../api/client", async (original) => ({
  ...(await original<typeof import("../api/client")>()),
  api: (await import("../testing/fakeServer")).server.api,
}));

const person = (id: string) => ({ id, name: id, email: "", team: { name: "Studio" } }) as unknown as Me;
const [ada, ben] = [person("ada"), person("ben")];
const SAMPLE = "A first look: digits";

/** The parts of a search's page that the tour shows, without its budgets. */
function Parts() {
  const [pressed, setPressed] = useState(0);
  return (
    <>
      <header>
        <fieldset aria-label="Control" />
      </header>
      <section aria-label="Cell">
        <button type="button" onClick={() => setPressed(pressed + 1)}>
          Pressed {pressed} times
        </button>
      </section>
      <section aria-label="Steps" />
      <section aria-label="Candidates" />
    </>
  );
}

function SearchPage({ id }: { id: string }) {
  const { data } = useQuery<{ name: string }>({
    queryKey: ["search", id],
    queryFn: async () =>
      (await server.api.GET("/api/searches/{id}", { params: { path: { id } } })).data as { name: string },
  });
  const [put, setPut] = useState(false);
  useEffect(() => setPut(data !== undefined), [data]);
  if (!data) return null;
  return put ? (
    <Parts />
  ) : (
    <header>
      <fieldset aria-label="Control" />
    </header>
  );
}

let me = ada;
function Page() {
  const [, id] = /^\/searches\/(\w+)$/.exec(useLocation().pathname) ?? [];
  return (
    <>
      <UserMenu me={me} />
      <main id="main" tabIndex={-1}>
        {id && <SearchPage id={id} />}
      </main>
      <TourHost me={me} />
    </>
  );
}

function opened(at = "/searches/s1") {
  return renderPage(Page, at, "/*");
}

const tour = () => screen.queryByRole("region", { name: "Tour" });
const found = () => screen.findByRole("region", { name: "Tour" });
const press = (name: string) => fireEvent.click(screen.getByRole("button", { name }));
const ringed = () =>
  [...document.querySelectorAll("[data-tour]")].map((each) => each.getAttribute("aria-label"));

beforeEach(() => {
  server.reset();
  localStorage.clear();
  me = ada;
  useTourState.setState({ askedFor: null, asked: 0, left: new Set() });
  server.answers = {
    "GET /api/searches/{id}": ({ params }: FakeRequest) => ({
      id: params?.path?.id,
      name: params?.path?.id === "s1" ? SAMPLE : "Porch",
    }),
  };
});

it("shows each part that is on the page of the sample search, and leaves out what is missing", async () => {
  opened();
  const panel = await found();
  await waitFor(() => expect(document.activeElement).toBe(panel));
  expect(panel.getAttribute("aria-describedby")).toBe(panel.querySelector("[aria-live]")?.id);
  const shown: unknown[] = [];
  for (;;) {
    shown.push([panel.querySelector("h2")?.textContent, /\d of \d/.exec(panel.textContent)?.[0], ringed()]);
    if (screen.queryByRole("button", { name: "Done" })) break;
    press("Next");
  }
  expect(shown).toEqual([
    ["The cell", "1 of 4", ["Cell"]],
    ["Steps", "2 of 4", ["Steps"]],
    ["Your say", "3 of 4", ["Control"]],
    ["The result", "4 of 4", ["Candidates"]],
  ]);
  press("Back");
  expect(ringed()).toEqual(["Control"]);
  press("Next");
  press("Done");
  expect([tour(), ringed()]).toEqual([null, []]);
});

it("leaves the page to be used", async () => {
  opened();
  await found();
  press("Pressed 0 times");
  expect(screen.getByRole("button", { name: "Pressed 1 times" })).toBeTruthy();
  expect(tour()).toBeTruthy();
});

it("is left with Escape, and not again shown to that person by itself", async () => {
  const router = opened();
  fireEvent.keyDown(await found(), { key: "Escape" });
  expect([tour(), ringed()]).toEqual([null, []]);
  expect(document.activeElement).toBe(document.getElementById("main"));
  await router.navigate("/catalog");
  await router.navigate("/searches/s1");
  await screen.findByRole("region", { name: "Cell" });
  expect(tour()).toBeNull();
  useTourState.setState({ askedFor: null, asked: 0, left: new Set() }); // the next visit
  server.reset();
  server.answers = { "GET /api/searches/{id}": { id: "s1", name: SAMPLE } };
  opened();
  await screen.findByRole("region", { name: "Cell" });
  expect(tour()).toBeNull();
  server.reset();
  server.answers = { "GET /api/searches/{id}": { id: "s1", name: SAMPLE } };
  me = ben; // a colleague at the same browser
  opened();
  expect(await found()).toBeTruthy();
});

it("leaves Escape to what has the focus on the page", async () => {
  opened();
  await found();
  const button = screen.getByRole("button", { name: "Pressed 0 times" });
  button.focus();
  fireEvent.keyDown(button, { key: "Escape" });
  expect(tour()).toBeTruthy();
});

it("does not take the focus from somebody who has begun, unless it is asked for", async () => {
  opened("/searches/s2");
  const button = await screen.findByRole("button", { name: "Pressed 0 times" });
  expect(tour()).toBeNull(); // not the sample
  button.focus();
  press("Tour");
  const panel = await found();
  await waitFor(() => expect(document.activeElement).toBe(panel));
  press("Next");
  button.focus();
  press("Tour");
  await waitFor(() => expect(ringed()).toEqual(["Cell"])); // from the beginning
});

it("is found in the account menu, and opens on the sample, else on the newest search", async () => {
  const searches = ({ params }: FakeRequest) =>
    pageOf(params?.query?.text === SAMPLE ? [] : [{ id: "s2", name: "Porch" }]);
  server.answers["GET /api/searches"] = searches;
  const router = opened("/catalog");
  press("Tour");
  await waitFor(() => expect(router.state.location.pathname).toBe("/searches/s2"));
  expect(await found()).toBeTruthy();
});

it.each([
  ["there is no search", pageOf([])],
  ["the searches cannot be read", new ErrorAnswer(503, [])],
])("goes to the list of searches where %s", async (_, answer) => {
  server.answers["GET /api/searches"] = answer;
  const router = opened("/catalog");
  press("Tour");
  await waitFor(() => expect(router.state.location.pathname).toBe("/searches"));
  expect(tour()).toBeNull();
});
