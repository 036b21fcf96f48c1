// The verbs of a training. Each shows that it was sent, then the new state or the reason why not; stop asks first.
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api, unwrap } from "../../api/client";
import { useWatching } from "../../api/me";
import type { TrainedModel } from "../../api/types";
import { type ModelCommand, may } from "../../panels/training/status";
import { Confirm } from "../../ui/Confirm";
import { sentence } from "../../ui/Notice";
import { useKeptFocus } from "../../ui/useKeptFocus";
import { modelKey } from "./useModel";

const VERBS: readonly [ModelCommand, string, string][] = [
  ["pause", "Pause", "Finish this epoch, then wait"],
  ["resume", "Resume", "Go on from the last checkpoint"],
  ["stop", "Stop", "End now and keep the best epoch"],
];

export function Controls({ model }: { model: TrainedModel }) {
  const [asking, setAsking] = useState(false);
  const cache = useQueryClient();
  const watching = useWatching();
  const controls = useKeptFocus<HTMLDivElement>();
  const send = useMutation({
    mutationFn: (kind: ModelCommand) =>
      unwrap(api.POST("/api/models/{id}/commands", { params: { path: { id: model.id } }, body: { kind } })),
    onSuccess: (changed) => cache.setQueryData(modelKey(model.id), changed),
  });
  const verbs = VERBS.filter(([kind]) => kind !== "resume" || may("resume", model.status));
  const over = !VERBS.some(([kind]) => may(kind, model.status));
  if (over) return null;
  return (
    <div className="controls" ref={controls} tabIndex={-1}>
      {verbs.map(([kind, word, hint]) => (
        <button
          type="button"
          key={kind}
          className="btn"
          title={hint}
          disabled={!may(kind, model.status) || send.isPending}
          onClick={() => (kind === "stop" ? setAsking(true) : send.mutate(kind))}
          {...watching}
        >
          {send.isPending && send.variables === kind ? `${word}, waiting` : word}
        </button>
      ))}
      {send.isError && (
        <p className="over" role="alert">
          Refused: {sentence(send.error)}
        </p>
      )}
      <Confirm
        open={asking}
        title="Stop this training?"
        yes="Stop it"
        no="Let it run"
        onAnswer={(yes) => {
          setAsking(false);
          if (yes) send.mutate("stop");
        }}
      >
        It ends with its best epoch so far, which is then measured on the test part. A stopped training does
        not go on.
      </Confirm>
    </div>
  );
}
