// Actions on the step that is shown: roll back to it, fork a search from it, or show an abandoned branch. Both dialogs
// say first what will happen.

import { useId, useState } from "react";
import { useNavigate } from "react-router";
import { useLimits } from "../../api/engine";
import type { SearchDetail } from "../../api/types";
import { plural } from "../../format/text";
import { type Branch, type History, lastStep } from "../../live/history";
import { lineOf } from "../../live/line";
import type { Telemetry } from "../../live/messages";
import type { View } from "../../live/view";
import { answerStep } from "../../search-view/answer";
import type { Moment } from "../../search-view/moment";
import { ConfirmDialog } from "../../ui/ConfirmDialog";
import { ReasonField, RefusedCommand } from "../steering/CommandStatus";
import steeringStyles from "../steering/steering.module.css";
import { HISTORY, type Steering } from "../steering/useSteering";
import styles from "./history.module.css";

interface BranchControlsProps {
  search: SearchDetail;
  history: History;
  /** that is shown */
  branch: number;
  moment: Moment;
  /** the view of the live branch */
  live: View;
  telemetry: Telemetry | null;
  /** the search has ended */
  ended: boolean;
  steering: Steering;
  showBranch: (branch: number | null) => void;
}

export function BranchControls(props: BranchControlsProps) {
  const limits = useLimits();
  const { search, history, branch, moment, live, ended, steering } = props;
  const [question, setQuestion] = useState<"rollback" | "fork" | null>(null);
  const [name, setName] = useState<string | null>(null);
  const navigate = useNavigate();
  const field = useId();
  // The answer may be a candidate that no step chose: then there is no step to fork from.
  const ofAnswer = moment.isAnswer ? answerStep(live, lineOf(history, branch)) : null;
  const noStep = moment.isAnswer && ofAnswer === null;
  const step = ofAnswer ?? moment.step;
  const proposed = `${search.name}, from step ${step}`.slice(0, limits?.name);
  const openQuestion = (what: typeof question) => {
    steering.dismiss(HISTORY);
    setQuestion(what);
  };

  const rollBack = async () => {
    if (!(await steering.send(HISTORY, { kind: "rollback", step, branch }))) return;
    setQuestion(null);
    props.showBranch(null);
  };
  const fork = async () => {
    const made = await steering.fork({ step, branch, name: name ?? proposed });
    if (!made) return;
    setQuestion(null);
    setName(null);
    void navigate(`/searches/${made.id}`);
  };
  const answer = (yes: boolean) => {
    if (!yes) openQuestion(null);
    else if (question === "fork") void fork();
    else void rollBack();
  };

  // A failed search may also be rolled back to its newest step, to repeat the round that failed.
  const failed = props.telemetry?.status === "failed";
  const newest = branch === live.branch && step >= live.step && !failed;
  return (
    <div className={styles.history}>
      <button
        type="button"
        className="btn small"
        disabled={ended || newest || moment.nodes.length === 0}
        title={
          ended
            ? "The search has ended. Fork it instead"
            : newest
              ? "Select an earlier step first"
              : undefined
        }
        onClick={() => openQuestion("rollback")}
        {...steering.readOnly}
      >
        Roll back to here
      </button>
      <button
        type="button"
        className="btn small"
        disabled={moment.nodes.length === 0 || noStep}
        title={
          noStep ? "The answer is a candidate that no step chose. Select a step to fork from" : undefined
        }
        onClick={() => openQuestion("fork")}
        {...steering.readOnly}
      >
        Fork from here
      </button>
      {history.branches.length > 1 && <BranchPicker {...props} />}
      <ConfirmDialog
        open={question === "rollback"}
        title={`Roll back to step ${step}?`}
        yes="Roll back"
        no="Cancel"
        busy={steering.busy}
        onAnswer={answer}
      >
        <p>{consequences(props)}</p>
        <ReasonField origin={HISTORY} steering={steering} />
        <RefusedCommand origin={HISTORY} steering={steering} />
      </ConfirmDialog>
      <ConfirmDialog
        open={question === "fork"}
        title={`Fork from step ${step}?`}
        yes="Fork"
        no="Cancel"
        harmless
        busy={steering.busy}
        onAnswer={answer}
      >
        <p>
          Start a separate search from step {step}
          {history.branches.length > 1 ? ` of branch ${branch}` : ""}. This one{" "}
          {ended ? "stays as it is" : "continues"}.
        </p>
        <div className={steeringStyles.reason}>
          <label htmlFor={field}>Name</label>
          <input
            id={field}
            type="text"
            maxLength={limits?.name}
            autoComplete="off"
            value={name ?? proposed}
            onChange={(event) => setName(event.target.value)}
          />
        </div>
        <ReasonField origin={HISTORY} steering={steering} />
        <RefusedCommand origin={HISTORY} steering={steering} />
      </ConfirmDialog>
    </div>
  );
}

/** The consequences of a rollback. */
function consequences({ history, branch, moment, live, telemetry }: BranchControlsProps): string {
  const discarded = live.phase === "answer" ? "finalists" : moment.cuts ? "cuts" : "candidates";
  const { step } = moment;
  const { first } = lineOf(history, live.branch);
  const [from, to] = [branch === live.branch ? step + 1 : first, live.step];
  const kept =
    from > to ? "The current state stays" : from === to ? `Step ${to} stays` : `Steps ${from}–${to} stay`;
  const pending = (telemetry?.pending ?? []).filter((c) => c.status === "pending").length;
  return [
    `Continue from step ${step} with new random ${moment.cuts ? "cuts" : "candidates"}.`,
    `${kept} available as branch ${live.branch}.`,
    telemetry?.status === "failed"
      ? "The failed step starts again."
      : `The ${discarded} being tested now are discarded.`,
    pending > 0 && `${plural(pending, "pending request")} ${pending === 1 ? "is" : "are"} discarded.`,
    `Edits by hand, locks and limits since step ${step} are lost.`,
  ]
    .filter(Boolean)
    .join(" ");
}

function BranchPicker({ history, branch: shown, live, showBranch }: BranchControlsProps) {
  return (
    <label className={styles.branch}>
      <span className="sr">Branch</span>
      <select
        value={shown}
        onChange={(event) => {
          const branch = Number(event.target.value);
          showBranch(branch === live.branch ? null : branch);
        }}
      >
        {history.branches.toReversed().map((branch) => (
          <option key={branch.branch} value={branch.branch}>
            {branchName(branch)}
          </option>
        ))}
      </select>
    </label>
  );
}

function branchName(branch: Branch): string {
  return `Branch ${branch.branch}, ${branch.end === null ? "latest" : `step ${lastStep(branch)}`}`;
}
