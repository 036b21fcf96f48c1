import { act, fireEvent, screen, waitFor, within } from "@testing-library/react";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { renderPage, server } from "../../testing/fakeServer";
import { useNotices } from "./notices";
import { UndoNotices } from "./UndoNotices";

const Page = () => (
  <>
    <main id="main" tabIndex={-1} />
    <UndoNotices />
  </>
);
const remove = (name: string, undo = () => Promise.resolve()) =>
  act(() =>
    useNotices.getState().add({ text: `“${name}” was deleted.`, undo, page: `/architectures/${name}` }),
  );
const texts = () => screen.getAllByText(/was deleted/).map(({ textContent }) => textContent);
const button = (name: string, verb: string) =>
  within(screen.getByText(`“${name}” was deleted.`).parentElement as HTMLElement).getByRole("button", {
    name: verb,
  });
const focusedIs = (element: HTMLElement | null) =>
  waitFor(() => expect(document.activeElement).toBe(element));

beforeEach(() => {
  server.reset();
  useNotices.setState({ shown: [] });
  renderPage(Page, "/catalog");
});

describe("notices of what can be undone", () => {
  it("are at most three, the newest ones", () => {
    for (const name of ["Oak", "Elm", "Ash", "Fir"]) remove(name);
    expect(texts()).toEqual(["“Elm” was deleted.", "“Ash” was deleted.", "“Fir” was deleted."]);
  });

  it("are one for an entry", () => {
    for (const name of ["Oak", "Elm", "Oak"]) remove(name);
    expect(texts()).toEqual(["“Elm” was deleted.", "“Oak” was deleted."]);
  });

  it("take the focus, and give it on when they are dismissed by button or Escape", async () => {
    remove("Oak");
    remove("Elm");
    await focusedIs(button("Elm", "Undo"));
    fireEvent.keyDown(button("Elm", "Undo"), { key: "Escape" });
    await focusedIs(button("Oak", "Undo"));
    fireEvent.click(button("Oak", "Dismiss"));
    await focusedIs(document.getElementById("main"));
    expect(screen.queryByText(/was deleted/)).toBeNull();
  });

  it("undo the entry that they name", async () => {
    const undo = vi.fn(() => Promise.resolve());
    remove("Oak", undo);
    remove("Elm");
    fireEvent.click(button("Oak", "Undo"));
    expect(await screen.findByRole("link", { name: "Open" })).toBeTruthy();
    expect(undo).toHaveBeenCalledOnce();
    expect(texts()).toEqual(["“Elm” was deleted."]);
  });
});
