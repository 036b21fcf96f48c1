// Buttons that control a training. Each shows that it was sent, then the new state or an error; stopping asks first.

import { useState } from "react";
import { useReadOnly } from "../../api/currentUser";
import type { TrainedModel } from "../../api/types";
import { isAllowed, type TrainingCommand } from "../../panels/training/trainingStatus";
import { ConfirmDialog } from "../../ui/ConfirmDialog";
import { rejectionMessage } from "../../ui/Notice";
import { useRetainedFocus } from "../../ui/useRetainedFocus";
import styles from "./model.module.css";
import { useModelCommand } from "./useModel";

const VERBS: readonly [TrainingCommand, string, string][] = [
  ["pause", "Pause", "Pauses after the current epoch"],
  ["resume", "Resume", "Continues from the last checkpoint"],
  ["stop", "Stop", "Ends now and keeps the best epoch"],
];

export function Controls({ model }: { model: TrainedModel }) {
  const [confirming, setConfirming] = useState(false);
  const readOnly = useReadOnly();
  const controls = useRetainedFocus<HTMLDivElement>();
  const send = useModelCommand(model.id);
  const verbs = VERBS.filter(([kind]) => kind !== "resume" || isAllowed("resume", model.status));
  const over = !VERBS.some(([kind]) => isAllowed(kind, model.status));
  if (over) return null;
  return (
    <div className={styles.controls} ref={controls} tabIndex={-1}>
      {verbs.map(([kind, word, hint]) => (
        <button
          type="button"
          key={kind}
          className="btn"
          title={hint}
          disabled={!isAllowed(kind, model.status) || send.isPending}
          onClick={() => (kind === "stop" ? setConfirming(true) : send.mutate(kind))}
          {...readOnly}
        >
          {send.isPending && send.variables === kind ? `${word}…` : word}
        </button>
      ))}
      {send.isError && (
        <p className="over" role="alert">
          {rejectionMessage(send.error)}
        </p>
      )}
      <ConfirmDialog
        open={confirming}
        title="Stop this training?"
        yes="Stop"
        no="Keep training"
        onAnswer={(yes) => {
          setConfirming(false);
          if (yes) send.mutate("stop");
        }}
      >
        The best epoch so far is kept and evaluated on the test set. You cannot resume a stopped training.
      </ConfirmDialog>
    </div>
  );
}
