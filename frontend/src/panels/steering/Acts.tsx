// What a person can do to an edge or a node: lock, unlock, cut, restore; with what waits and what was refused.
import { type RefObject, useEffect, useRef } from "react";
import type { Command } from "../../api/types";
import type { Moment } from "../../search-view/moment";
import { targetName } from "../../search-view/said";
import { useKeptFocus } from "../../ui/useKeptFocus";
import { Reason, Refused, Waiting } from "./Asked";
import type { Steering, Verb } from "./useSteering";

/** One edge or one node, as a command names it. */
export type Part = { edge: string } | { node: number };

export interface ActsProps {
  part: Part;
  state: "active" | "next" | "locked" | "infeasible" | "removed";
  asked: Command | null;
  moment: Moment;
  steering: Steering;
  /** the question "cut it?" is open */
  asking: boolean;
  ask: (asking: boolean) => void;
}

export function Acts({ part, state, asked, moment, steering, asking, ask }: ActsProps) {
  const acts = useKeptFocus<HTMLDivElement>();
  useAnswered(acts, asking);
  const place = "edge" in part ? part.edge : String(part.node);
  const name = targetName({ edge: null, node: null, ...part });
  const may = moment.head && !moment.over;
  const act = (kind: Verb) => {
    ask(false);
    void steering.send(place, { kind, ...part });
  };
  const button = (kind: Verb, word: string, press = () => act(kind)) => (
    <button
      type="button"
      className={kind === "remove" ? "btn small cut" : "btn small"}
      disabled={steering.busy || asked?.kind === kind}
      onClick={press}
      {...steering.watching}
    >
      {word}
    </button>
  );
  return (
    <>
      {asked && <Waiting command={asked} place={place} steering={steering} />}
      <Refused place={place} steering={steering} />
      {may && (
        // biome-ignore lint/a11y/noStaticElementInteractions: Escape is an extra; the button "Keep" says the same
        <div
          className="acts"
          ref={acts}
          tabIndex={-1}
          onKeyDown={(event) => {
            if (event.key !== "Escape" || !asking) return;
            event.stopPropagation();
            ask(false);
          }}
        >
          {asking ? (
            <>
              {button("remove", `Cut ${name}`)}
              <button type="button" className="btn small" onClick={() => ask(false)}>
                Keep
              </button>
            </>
          ) : state === "removed" ? (
            <>
              {button("restore", "Restore")}
              {/* A later command sees the earlier one: what comes back can be held at once. */}
              {asked?.kind === "restore" && button("lock", "Lock")}
            </>
          ) : state === "locked" ? (
            button("unlock", "Unlock")
          ) : (
            <>
              {button("lock", "Lock")}
              {button("remove", state === "infeasible" ? "Force cut" : "Cut", () => ask(true))}
            </>
          )}
          {!steering.watching && <Reason place={place} steering={steering} />}
        </div>
      )}
    </>
  );
}

/** The question, asked by a key from the drawing, takes the keyboard to its answer and gives it back. */
function useAnswered(acts: RefObject<HTMLDivElement | null>, asking: boolean): void {
  const from = useRef<HTMLElement | SVGElement | null>(null);
  useEffect(() => {
    const active = document.activeElement;
    if (asking && acts.current && !acts.current.contains(active)) {
      from.current = active instanceof HTMLElement || active instanceof SVGElement ? active : null;
      acts.current.querySelector<HTMLElement>("button")?.focus();
    } else if (!asking && from.current) {
      if (active === document.body || acts.current?.contains(active)) from.current.focus();
      from.current = null;
    }
  }, [acts, asking]);
}
