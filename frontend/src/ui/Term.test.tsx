import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { cleanup, fireEvent, render, screen } from "@testing-library/react";
import axe from "axe-core";
import { afterEach, expect, it } from "vitest";
import { GLOSSARY } from "./glossary";
import { Term } from "./Term";

afterEach(cleanup);

function show() {
  const { container } = render(
    <main>
      <h1>A page</h1>
      <p>
        Its <Term name="score">score</Term> is 1.0420. <button type="button">Elsewhere</button>
      </p>
    </main>,
  );
  return { container, term: screen.getByRole("button", { name: "score" }) };
}

const definition = () => screen.queryByRole("dialog", { name: "Score" });

it("opens by click, says that it is open, and closes by another click", () => {
  const { term } = show();
  expect([term.getAttribute("aria-expanded"), definition()]).toEqual(["false", null]);
  fireEvent.click(term);
  expect(term.getAttribute("aria-expanded")).toBe("true");
  expect(definition()?.id).toBe(term.getAttribute("aria-controls"));
  expect(definition()?.textContent).toContain(GLOSSARY.score.text);
  fireEvent.click(term);
  expect(definition()).toBeNull();
});

it("opens by Enter, takes the focus, and gives it back on Escape", () => {
  const { term } = show();
  term.focus();
  // A browser turns Enter on a button into a click.
  if (fireEvent.keyDown(term, { key: "Enter" })) fireEvent.click(term, { detail: 0 });
  expect(document.activeElement).toBe(definition());
  fireEvent.keyDown(definition() as HTMLElement, { key: "Escape" });
  expect(definition()).toBeNull();
  expect(document.activeElement).toBe(term);
});

it("closes by a press outside and leaves the focus there", () => {
  const { term } = show();
  fireEvent.click(term);
  const elsewhere = screen.getByRole("button", { name: "Elsewhere" });
  fireEvent.pointerDown(elsewhere);
  elsewhere.focus();
  expect(definition()).toBeNull();
  expect(document.activeElement).toBe(elsewhere);
});

it("names its question mark where the term itself is a label", () => {
  render(<Term name="peak_memory" />);
  fireEvent.click(screen.getByRole("button", { name: "Definition of Peak memory" }));
  expect(screen.getByRole("dialog", { name: "Peak memory" }).textContent).toContain("batch size 1");
});

it("has no accessibility violations, closed or open", async () => {
  const { container, term } = show();
  for (const act of [() => {}, () => fireEvent.click(term)]) {
    act();
    const { violations } = await axe.run(container, { rules: { "color-contrast": { enabled: false } } });
    expect(violations.map(({ id }) => id)).toEqual([]);
  }
});

it("defines every term in one or two sentences", () => {
  for (const { title, text } of Object.values(GLOSSARY)) {
    expect(title).not.toBe("");
    expect(text).toMatch(/\.$/);
    expect(text.length).toBeLessThan(230);
  }
});

it("uses every definition on some page", () => {
  const src = join(import.meta.dirname, "..");
  const text = readdirSync(src, { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(".tsx") && !path.endsWith(".test.tsx"))
    .map((path) => readFileSync(join(src, path), "utf8"))
    .join("");
  const COSTS = ["params", "macs", "peak_memory", "latency", "accuracy", "perplexity"]; // named by a variable
  const unused = Object.keys(GLOSSARY).filter(
    (name) =>
      !COSTS.includes(name) &&
      !text.includes(`name="${name}"`) &&
      !text.includes(`"${name}" |`) &&
      !text.includes(`| "${name}"`),
  );
  expect(unused).toEqual([]);
});
