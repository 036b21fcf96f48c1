// Sends and withdraws commands. A rejection is kept with the typed reason at the place where the command was given.
import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { api, isSignedOut, unwrap } from "../../api/client";
import { type ReadOnlyProps, useReadOnly } from "../../api/currentUser";
import { useSession } from "../../api/session";
import type { CommandRequest, SearchDetail } from "../../api/types";

export type Verb = CommandRequest["kind"];

/** Where on the page a command is given: at an edge or node, the limits, the history, the header, or a list. */
export type CommandOrigin = string;
export const HEAD: CommandOrigin = "head";
export const LIMITS: CommandOrigin = "limits";
export const HISTORY: CommandOrigin = "history";
export const commandOrigin = (command: number): CommandOrigin => `command ${command}`;

export interface Fork {
  step: number;
  branch: number;
  name: string;
}

export interface Steering {
  /** Sends with the reason typed there; returns whether it was accepted. */
  send: (origin: CommandOrigin, order: CommandRequest) => Promise<boolean>;
  withdraw: (command: number, origin?: CommandOrigin) => Promise<boolean>;
  fork: (from: Fork) => Promise<SearchDetail | null>;
  /** props that disable buttons for read-only users */
  readOnly: ReadOnlyProps | null;
  /** a request is in flight */
  busy: boolean;
  /** why the last command given there was refused */
  rejection: (origin: CommandOrigin) => { kind: Verb | "withdraw" | "fork"; error: unknown } | null;
  dismiss: (origin: CommandOrigin) => void;
  /** the reason typed so far */
  reason: (origin: CommandOrigin) => string;
  setReason: (origin: CommandOrigin, reason: string) => void;
  /** Undoes the last edit of the graph; `reopen` shows an applied cut, for the user to decide. */
  undo: (reopen: (origin: CommandOrigin) => void) => boolean;
}

const OPPOSITE: Partial<Record<Verb, Verb>> = {
  lock: "unlock",
  unlock: "lock",
  remove: "restore",
  restore: "remove",
};

interface Edit {
  number: number;
  order: CommandRequest;
}

/** Without those for want of a session, once the user has signed in again. */
function withoutSignedOut(rejections: Rejections): Rejections {
  const stay = Object.entries(rejections).filter(([, { error }]) => !isSignedOut(error));
  return stay.length < Object.keys(rejections).length ? Object.fromEntries(stay) : rejections;
}

type Rejections = Readonly<Record<CommandOrigin, NonNullable<ReturnType<Steering["rejection"]>>>>;

export function useSteering(id: string): Steering {
  const queries = useQueryClient();
  const readOnly = useReadOnly();
  const [rejections, setRejections] = useState<Rejections>({});
  const ended = useSession((session) => session.ended);
  useEffect(() => {
    if (!ended) setRejections(withoutSignedOut);
  }, [ended]);
  const [reasons, setReasons] = useState<Readonly<Record<CommandOrigin, string>>>({});
  const [inFlight, setInFlight] = useState(0);
  const [last, setLast] = useState<Edit | null>(null);

  const dismiss = (origin: CommandOrigin) => setRejections(({ [origin]: _, ...others }) => others);
  const setReason = (origin: CommandOrigin, reason: string) =>
    setReasons((old) => ({ ...old, [origin]: reason }));

  async function attempt<T>(
    origin: CommandOrigin,
    kind: Verb | "withdraw" | "fork",
    request: () => Promise<T>,
  ) {
    dismiss(origin);
    setInFlight((n) => n + 1);
    try {
      return await request();
    } catch (error) {
      setRejections((old) => ({ ...old, [origin]: { kind, error } }));
      return null;
    } finally {
      setInFlight((n) => n - 1);
      void queries.invalidateQueries({ queryKey: ["search", id] });
      void queries.invalidateQueries({ queryKey: ["commands", id] });
      void queries.invalidateQueries({ queryKey: ["searches"] });
    }
  }

  const send: Steering["send"] = async (origin, order) => {
    const { reason: given = reasons[origin], ...what } = order;
    const reason = given?.trim();
    const body = { ...what, ...(reason && { reason }) };
    const answer = await attempt(origin, order.kind, () =>
      unwrap(api.POST("/api/searches/{id}/commands", { params: { path: { id } }, body })),
    );
    if (answer === null) return false;
    setReason(origin, "");
    if (OPPOSITE[order.kind]) setLast({ number: answer.id, order });
    return true;
  };

  const withdraw: Steering["withdraw"] = async (number, origin = commandOrigin(number)) => {
    const path = { id, number };
    const answer = await attempt(origin, "withdraw", () =>
      unwrap(api.DELETE("/api/searches/{id}/commands/{number}", { params: { path } })),
    );
    if (answer === null) return false;
    setLast((now) => (now?.number === number ? null : now));
    return true;
  };

  const fork: Steering["fork"] = async ({ step, branch, name }) => {
    const reason = reasons[HISTORY]?.trim();
    const body = { step, branch, ...(name.trim() && { name: name.trim() }), ...(reason && { reason }) };
    const answer = await attempt(HISTORY, "fork", () =>
      unwrap(api.POST("/api/searches/{id}/fork", { params: { path: { id } }, body })),
    );
    if (answer !== null) setReason(HISTORY, "");
    return answer;
  };

  const becameOf = async (number: number) => {
    try {
      const all = await unwrap(api.GET("/api/searches/{id}/commands", { params: { path: { id } } }));
      return all.find((command) => command.id === number)?.status;
    } catch {
      return undefined; // the error of the withdrawal is already shown
    }
  };

  /**
   * A pending command is withdrawn; an applied one is reverted by its opposite. A cut may have removed more than its
   * opposite restores, so the user decides on that.
   */
  const takeBack = async (edit: Edit, back: Verb, reopen: (origin: CommandOrigin) => void) => {
    const { number, order } = edit;
    const origin = order.edge ?? String(order.node);
    if (await withdraw(number, origin)) return;
    const status = await becameOf(number);
    if (status === undefined || status === "pending") setLast((now) => now ?? edit);
    if (status !== "applied") return;
    dismiss(origin);
    if (order.kind === "remove") return reopen(origin);
    const part = order.edge ? { edge: order.edge } : { node: order.node ?? null };
    await send(origin, { kind: back, ...part });
  };

  return {
    send,
    withdraw,
    fork,
    readOnly,
    busy: inFlight > 0,
    rejection: (origin) => rejections[origin] ?? null,
    dismiss,
    reason: (origin) => reasons[origin] ?? "",
    setReason,
    undo: (reopen) => {
      const back = last && OPPOSITE[last.order.kind];
      if (!last || !back) return false;
      setLast(null);
      void takeBack(last, back, reopen);
      return true;
    },
  };
}
