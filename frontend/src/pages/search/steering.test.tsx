// Editing edges and nodes by mouse and keyboard, and seeing what colleagues do.
import { act, fireEvent, screen, waitFor, within } from "@testing-library/react";
import { describe, expect, it, vi } from "vitest";
import type { Command } from "../../api/types";
import { ErrorAnswer, server } from "../../testing/fakeServer";
import { LogBuilder } from "../../testing/logBuilder";

vi.mock("../../api/client", async (original) => ({
  ...(await original<typeof import("../../api/client")>()),
  api: (await import("../../testing/fakeServer")).server.api,
}));

const {
  telemetry,
  sentCommands,
  eventsOf,
  openSearch,
  receive,
  requestsTo,
  pendingCommand,
  setUpSearchPage,
} = await import("../../testing/searchPage");

setUpSearchPage();

const note = () => within(screen.getByRole("complementary"));
const press = (key: string, on = screen.getByRole("application")) => fireEvent.keyDown(on, { key });
const refuses = (why: string) => {
  server.answers["POST /api/searches/{id}/commands"] = new ErrorAnswer(409, [
    { code: "conflict", detail: why, attr: null },
  ]);
};

async function showSearch(at: string, story = new LogBuilder(), pending = telemetry.pending) {
  const router = await openSearch(`/searches/s1?${at}`);
  await receive(eventsOf(story.events), { ...telemetry, pending });
  return router;
}

describe("an edge", () => {
  it("is locked with the reason that was typed", async () => {
    await showSearch("edge=0-2");
    fireEvent.change(note().getByLabelText("Reason"), { target: { value: "keeps small parcels" } });
    fireEvent.click(note().getByRole("button", { name: "Lock" }));
    await waitFor(() =>
      expect(sentCommands()).toEqual([{ kind: "lock", edge: "0-2", reason: "keeps small parcels" }]),
    );
    await waitFor(() => expect(note().getByLabelText<HTMLInputElement>("Reason").value).toBe(""));
  });

  it("says in the server's words why it was refused, there, and keeps what was typed", async () => {
    refuses("Edge 0-2 is the only path to 2-3, which is locked.");
    await showSearch("edge=0-2");
    fireEvent.change(note().getByLabelText("Reason"), { target: { value: "too wide" } });
    fireEvent.click(note().getByRole("button", { name: "Cut" }));
    fireEvent.click(note().getByRole("button", { name: "Cut 0→2" }));
    const alert = await note().findByRole("alert");
    expect(alert.textContent).toBe("Refused: Edge 0-2 is the only path to 2-3, which is locked.");
    expect(note().getByLabelText<HTMLInputElement>("Reason").value).toBe("too wide");
  });

  it("that was cut can be selected and restored", async () => {
    await showSearch("edge=1-2", new LogBuilder().decide("1-2"));
    expect(note().queryByRole("button", { name: "Cut" })).toBeNull();
    fireEvent.click(note().getByRole("button", { name: "Restore" }));
    await waitFor(() => expect(sentCommands()).toEqual([{ kind: "restore", edge: "1-2" }]));
  });

  it("is restored by R, while R on an active edge asks first", async () => {
    await showSearch("edge=1-2", new LogBuilder().decide("1-2"));
    press("r");
    await waitFor(() => expect(sentCommands()).toEqual([{ kind: "restore", edge: "1-2" }]));
  });
});

describe("verbs act on what was chosen", () => {
  const results = () => new LogBuilder().score(0.9, 0.8, 0.7);
  const card = (name: string) =>
    screen.getByText(name, { selector: "b" }).closest("button") as HTMLButtonElement;
  const verbs = () => note().queryAllByRole("button", { name: /^(Lock|Cut|Force cut)/ });

  it("so without a selection there are none, although a cut leads", async () => {
    await showSearch("", results());
    expect(document.querySelector("[data-state='next']")).not.toBeNull();
    expect(verbs()).toEqual([]);
    for (const key of ["l", "r"]) press(key);
    expect(sentCommands()).toEqual([]);
    expect(note().queryByText(/^Keep/)).toBeNull();
  });

  it("and the cut that leads can be selected where the details say so", async () => {
    await showSearch("", results());
    expect(note().getByText("Leads now").nextSibling?.textContent).toBe("0→1, 90.0%");
    fireEvent.click(note().getByRole("button", { name: "Select 0→1" }));
    expect(verbs()).toHaveLength(2);
  });

  it("pointing at another edge explains it, and offers to select it", async () => {
    await showSearch("", results());
    fireEvent.pointerOver(card("1→2"), { pointerType: "mouse" });
    expect(note().getByRole("heading", { level: 3 }).textContent).toContain("1→2");
    expect(note().getByText("Select it to lock or cut it.")).toBeTruthy();
    expect(verbs()).toEqual([]);
  });

  it("a question keeps its target while results come in and the pointer moves", async () => {
    await showSearch("edge=0-3", new LogBuilder());
    fireEvent.click(note().getByRole("button", { name: "Cut" }));
    const scored = results().events;
    await receive(eventsOf(scored, scored.length, 3));
    fireEvent.pointerOver(card("1→2"), { pointerType: "mouse" });
    expect(verbs().map((button) => button.textContent)).toEqual(["Cut 0→3"]);
    fireEvent.click(note().getByRole("button", { name: "Cut 0→3" }));
    await waitFor(() => expect(sentCommands()).toEqual([{ kind: "remove", edge: "0-3" }]));
  });

  it("a question about an edge that the search has cut meanwhile asks nothing more", async () => {
    await showSearch("edge=0-3", new LogBuilder());
    fireEvent.click(note().getByRole("button", { name: "Cut" }));
    const decided = results().decide("0-3").events;
    await receive(eventsOf(decided, decided.length, 3));
    expect(note().getByText(/It was cut meanwhile/)).toBeTruthy();
    expect(verbs()).toEqual([]);
    expect(note().queryByRole("button", { name: "Restore" })).toBeNull();
    fireEvent.click(note().getByRole("button", { name: "Close" }));
    expect(note().getByRole("button", { name: "Restore" })).toBeTruthy();
  });
});

describe("a node", () => {
  it("is selected on the drawing, explained, and locked", async () => {
    const router = await showSearch("view=trellis");
    fireEvent.click(document.querySelector('[role="application"] [data-node="2"] rect') as Element);
    expect(note().getByRole("heading", { level: 3 }).textContent).toContain("Node 2");
    expect(note().getByText("2 incoming edges, 1 outgoing.")).toBeTruthy();
    expect(router.state.location.search).toContain("node=2");
    fireEvent.click(note().getByRole("button", { name: "Lock" }));
    await waitFor(() => expect(sentCommands()).toEqual([{ kind: "lock", node: 2 }]));
  });

  it("is cut only after confirmation", async () => {
    await showSearch("node=2");
    fireEvent.click(note().getByRole("button", { name: "Cut" }));
    expect(sentCommands()).toEqual([]);
    fireEvent.click(note().getByRole("button", { name: "Cut node 2" }));
    await waitFor(() => expect(sentCommands()).toEqual([{ kind: "remove", node: 2 }]));
  });

  it("that lost its last edge is restored", async () => {
    await showSearch(
      "node=1",
      new LogBuilder().decide("0-1", { edges_lost: ["1-2", "1-3"], nodes_lost: [1] }),
    );
    expect(note().getByText("Removed because it had no input left.")).toBeTruthy();
    fireEvent.click(note().getByRole("button", { name: "Restore" }));
    await waitFor(() => expect(sentCommands()).toEqual([{ kind: "restore", node: 1 }]));
  });

  it("that is the input offers no actions", async () => {
    await showSearch("node=0");
    expect(note().queryByRole("button")).toBeNull();
  });
});

describe("the keyboard", () => {
  it("moves to an edge, enters its actions, and returns", async () => {
    await showSearch("view=trellis&edge=0-1");
    const drawing = screen.getByRole<HTMLElement>("application");
    drawing.focus();
    press("ArrowRight");
    press("Enter");
    expect(document.activeElement?.textContent).toBe("Lock");
    fireEvent.keyDown(document.activeElement as Element, { key: "Escape" });
    expect(document.activeElement).toBe(drawing);
  });

  it("switches from an edge to its node and moves along nodes", async () => {
    const router = await showSearch("view=trellis&edge=1-2");
    press("n");
    await waitFor(() => expect(router.state.location.search).toContain("node=1"));
    press("ArrowRight");
    await waitFor(() => expect(router.state.location.search).toContain("node=2"));
    press("Escape");
    await waitFor(() => expect(router.state.location.search).not.toContain("node"));
  });

  it("ignores letters typed into a field", async () => {
    await showSearch("edge=0-2");
    const field = note().getByLabelText("Reason");
    for (const key of ["l", "r", "u", "n"]) fireEvent.keyDown(field, { key });
    expect(sentCommands()).toEqual([]);
    expect(note().queryByRole("button", { name: "Keep edge" })).toBeNull();
  });

  it("undoes the last edit while it is pending", async () => {
    server.answers["POST /api/searches/{id}/commands"] = { id: 7 };
    server.answers["DELETE /api/searches/{id}/commands/{number}"] = { id: 7 };
    await showSearch("edge=0-2");
    press("l");
    await waitFor(() => expect(sentCommands()).toHaveLength(1));
    await waitFor(() =>
      expect(note().getByRole<HTMLButtonElement>("button", { name: "Lock" }).disabled).toBe(false),
    );
    press("u");
    const taken = () => requestsTo("DELETE /api/searches/{id}/commands/{number}").map((a) => a.params?.path);
    await waitFor(() => expect(taken()).toEqual([{ id: "s1", number: 7 }]));
    expect(sentCommands()).toHaveLength(1);
  });

  describe("undoes an edit that is no longer pending", () => {
    const OURS = "POST /api/searches/{id}/commands";
    const WITHDRAW = "DELETE /api/searches/{id}/commands/{number}";
    const button = (name: string) => note().getByRole<HTMLButtonElement>("button", { name });
    const free = (name: string) => waitFor(() => expect(button(name).disabled).toBe(false));
    const became = (status: Command["status"], kind: Command["kind"]) => {
      server.answers["GET /api/searches/{id}/commands"] = [
        pendingCommand(kind, { id: 7, edge: "0-2", status }),
      ];
      server.answers[WITHDRAW] = new ErrorAnswer(409, [
        { code: "conflict", detail: `Command 7 was ${status} already: it cannot be taken back.`, attr: null },
      ]);
    };
    const locked = async () => {
      server.answers[OURS] = { id: 7 };
      await showSearch("edge=0-2");
      press("l");
      await waitFor(() => expect(sentCommands()).toHaveLength(1));
      await free("Lock");
    };
    const cut = async () => {
      server.answers[OURS] = { id: 7 };
      const story = new LogBuilder();
      const router = await showSearch("edge=0-2", story);
      press("r");
      fireEvent.click(button("Cut 0→2"));
      await waitFor(() => expect(sentCommands()).toHaveLength(1));
      await free("Lock");
      const before = story.events.length + 1;
      story.command("remove", { edge: "0-2" });
      await receive(eventsOf(story.events, story.events.length, before));
      return router;
    };

    it("by its opposite, if it was applied", async () => {
      await locked();
      became("applied", "lock");
      press("u");
      await waitFor(() => expect(sentCommands()[1]).toEqual({ kind: "unlock", edge: "0-2" }));
      expect(note().queryByRole("alert")).toBeNull();
    });

    it("not if it was refused or withdrawn: there is nothing to undo", async () => {
      await locked();
      became("refused", "lock");
      press("u");
      expect((await note().findByRole("alert")).textContent).toContain("was refused already");
      await free("Lock");
      expect(sentCommands()).toHaveLength(1);
    });

    it("not if the server does not answer, and can be tried again", async () => {
      await locked();
      delete server.answers["GET /api/searches/{id}/commands"];
      press("u");
      await note().findByRole("alert");
      server.answers[WITHDRAW] = { id: 7 };
      await free("Lock");
      press("u");
      await waitFor(() => expect(requestsTo(WITHDRAW)).toHaveLength(2));
      expect(sentCommands()).toHaveLength(1);
    });

    it("not if it was withdrawn by its button", async () => {
      await locked();
      server.answers[WITHDRAW] = { id: 7 };
      await receive({ ...telemetry, pending: [pendingCommand("lock", { id: 7, edge: "0-2" })] });
      fireEvent.click(note().getByRole("button", { name: /^Undo request/ }));
      await waitFor(() => expect(requestsTo(WITHDRAW)).toHaveLength(1));
      await receive(telemetry);
      await free("Lock");
      press("u");
      await free("Lock");
      expect(requestsTo(WITHDRAW)).toHaveLength(1);
    });

    it("by asking, if it was a cut: more may have been removed than would be restored", async () => {
      await cut();
      became("applied", "remove");
      screen.getByRole<HTMLElement>("application").focus();
      press("Escape");
      press("u");
      await waitFor(() => expect(document.activeElement?.textContent).toBe("Restore"));
      expect(note().getByRole("heading", { level: 3 }).textContent).toContain("0→2");
      expect(note().queryByRole("alert")).toBeNull();
      expect(sentCommands()).toHaveLength(1);
    });
  });

  it("explains its keys", async () => {
    await showSearch("edge=0-2");
    expect(screen.getByRole("button", { name: "Keyboard shortcuts" }).getAttribute("popovertarget")).toBe(
      document.querySelector("[popover]")?.id,
    );
    expect(document.querySelector("[popover]")?.textContent).toContain("LLock or unlock");
  });

  it("works on a table row, whatever was selected before", async () => {
    await showSearch("view=table&edge=0-1");
    press("l", screen.getByRole("button", { name: "2→3" }));
    await waitFor(() => expect(sentCommands()).toEqual([{ kind: "lock", edge: "2-3" }]));
  });
});

describe("a read-only user", () => {
  const WATCHING = "You have view-only access.";
  const barred = (name: string | RegExp, where: Pick<typeof screen, "getByRole"> = screen) => {
    const { disabled, title } = where.getByRole<HTMLButtonElement>("button", { name });
    return [disabled, title];
  };

  it("sees disabled buttons and the reason", async () => {
    server.answers["GET /api/me"] = { may_change: false };
    await showSearch("edge=0-2&step=0", new LogBuilder().decide("1-2"), [
      pendingCommand("lock", { edge: "0-2" }),
    ]);
    await waitFor(() => expect(barred("Pause")).toEqual([true, WATCHING]));
    expect(barred("Roll back to here")).toEqual([true, WATCHING]);
    expect(barred("Fork from here")).toEqual([true, WATCHING]);
    fireEvent.click(screen.getByRole("button", { name: "Go to the latest step" }));
    for (const name of ["Pause", "Resume", "Stop", "Cancel", "Lock", "Cut", "Change"])
      expect([name, ...barred(name)]).toEqual([name, true, WATCHING]);
    expect(note().queryByLabelText("Reason")).toBeNull();
    expect(barred(/^Undo request/, note())).toEqual([true, WATCHING]);
  });

  it("changes nothing by keyboard either", async () => {
    server.answers["GET /api/me"] = { may_change: false };
    await showSearch("edge=0-2");
    await waitFor(() => expect(barred("Lock")).toEqual([true, WATCHING]));
    for (const key of ["l", "r", "u"]) press(key);
    expect(note().queryByRole("button", { name: "Keep edge" })).toBeNull();
    expect(sentCommands()).toEqual([]);
  });
});

describe("what colleagues did", () => {
  it("is in the list of commands as soon as it is in the log", async () => {
    const story = new LogBuilder().decide("1-2").decide("1-3");
    await showSearch("edge=0-2", story);
    fireEvent.click(screen.getByRole("button", { name: "Commands" }));
    await screen.findByText("No commands yet.");
    server.answers["GET /api/searches/{id}/commands"] = [
      pendingCommand("rollback", { id: 1, step: 1, status: "applied" }),
    ];
    const before = story.events.length + 1;
    await receive(eventsOf(story.rollBack(1).events, story.events.length, before));
    expect((await screen.findByRole("list", { name: /^Commands/ })).textContent).toContain(
      "Rev rolled back to step 1",
    );
  });
});

describe("a pending command", () => {
  const pending = [
    pendingCommand("lock", { edge: "0-2", reason: "small parcels" }),
    pendingCommand("remove", { id: 5, node: 3 }),
  ];

  it("is marked on the drawing and in its label for screen readers", async () => {
    await showSearch("view=trellis", new LogBuilder(), pending);
    expect(screen.getByRole("application").querySelectorAll('[data-mark="pending"]')).toHaveLength(2);
    expect(
      document.querySelector('[role="application"] [data-edge="0-2"]')?.getAttribute("aria-label"),
    ).toMatch(/, Rev asked to lock it$/);
  });

  it("is in the legend, by the marks of the view: squares in a matrix, which has no outputs", async () => {
    await showSearch("view=matrix", new LogBuilder().decide("1-2"), pending);
    const legend = () => screen.getByRole("list", { name: "Legend" });
    const marks = () => [...legend().querySelectorAll("svg")].map((svg) => svg.innerHTML);
    const [squares, words] = [marks(), legend().textContent];
    expect(words).toContain("Larger");
    expect(words).toContain("Requested");
    expect(words).not.toContain("Output");
    fireEvent.click(screen.getByRole("button", { name: "Trellis" }));
    expect(legend().textContent).toContain("Output");
    const both = marks().filter((mark) => squares.includes(mark));
    expect(both).toHaveLength(1); // the clock of a request
  });

  it("is shown with author and reason, and can be withdrawn by a colleague", async () => {
    server.answers["DELETE /api/searches/{id}/commands/{number}"] = { id: 4 };
    await showSearch("edge=0-2", new LogBuilder(), pending);
    expect(note().getByRole("status").textContent).toContain("Rev asked to lock 0→2");
    expect(note().getByRole("status").textContent).toContain("“small parcels”");
    fireEvent.click(note().getByRole("button", { name: /^Undo request/ }));
    const taken = () => requestsTo("DELETE /api/searches/{id}/commands/{number}").map((a) => a.params?.path);
    await waitFor(() => expect(taken()).toEqual([{ id: "s1", number: 4 }]));
  });

  it("that is undone is announced, not the news before it", async () => {
    const asked = pendingCommand("lock", { edge: "0-2", created_at: "2027-01-01T00:00:00Z" });
    const spoken = () => document.querySelector('[aria-live="polite"]')?.textContent;
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "Date"], shouldAdvanceTime: true });
    await showSearch("edge=0-2", new LogBuilder().decide("1-2"), [asked]);
    await act(() => vi.advanceTimersByTimeAsync(6_000));
    expect(spoken()).toBe("Rev asked to lock 0 to 2. It applies when this step ends.");
    await receive({ ...telemetry, pending: [] });
    await act(() => vi.advanceTimersByTimeAsync(6_000));
    expect(spoken()).toBe("Undone: Rev asked to lock 0 to 2.");
  });

  it("says that it was decided before it could be withdrawn", async () => {
    server.answers["DELETE /api/searches/{id}/commands/{number}"] = new ErrorAnswer(409, [
      { code: "conflict", detail: "Command 4 was applied already: it cannot be taken back.", attr: null },
    ]);
    await showSearch("edge=0-2", new LogBuilder(), pending);
    fireEvent.click(note().getByRole("button", { name: /^Undo request/ }));
    expect((await note().findByRole("alert")).textContent).toContain("was applied already");
  });

  it("is shown in the list of commands with its outcome", async () => {
    server.answers["GET /api/searches/{id}/commands"] = [
      pendingCommand("remove", { id: 1, edge: "0-1", status: "applied" }),
      pendingCommand("remove", {
        id: 2,
        edge: "0-3",
        status: "refused",
        why: "edge 0-3 is locked; unlock it first",
      }),
      pendingCommand("lock", { id: 3, edge: "1-2", status: "withdrawn", why: "Yan took it back." }),
      ...pending,
    ];
    await showSearch("edge=0-2", new LogBuilder(), pending);
    fireEvent.click(screen.getByRole("button", { name: "Commands" }));
    const list = within(await screen.findByRole("list", { name: /^Commands/ }));
    const lines = (await list.findAllByRole("listitem")).map((li) => li.textContent);
    expect(lines[0]).toMatch(/Rev asked to cut node 3 .*applies when this step ends/);
    expect(lines[2]).toMatch(/asked to lock 1→2 .*undone: Yan took it back\.$/);
    expect(lines[3]).toMatch(/asked to cut 0→3 .*refused: edge 0-3 is locked; unlock it first$/);
    expect(lines[4]).toMatch(/Rev cut 0→1 .*applied$/);
    expect(list.getAllByRole("button", { name: /^Undo request/ })).toHaveLength(2);
  });
});
