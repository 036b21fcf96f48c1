// The live state of one training: updated by its socket, polled while there is no connection.
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { api, unwrap } from "../../api/client";
import { presenceMs } from "../../api/entries";
import { useMutation } from "../../api/mutations";
import { sessionEnded, useSession } from "../../api/session";
import type { ModelCommand, TrainedModel } from "../../api/types";
import { useFreshness } from "../../live/freshness";
import { type LinkState, openLink } from "../../live/socket";
import { socketUrl } from "../../live/useLive";
import { isLive } from "../../panels/training/trainingStatus";

const POLL_MS = 5_000;

interface ModelMessage {
  type: "model";
  model: TrainedModel;
}

export function modelKey(id: string): readonly string[] {
  return ["model", id];
}

export function useModel(id: string) {
  const cache = useQueryClient();
  const [link, setLink] = useState<LinkState>("connecting");
  const [lastMessageAt, setLastMessageAt] = useState<number | null>(null);
  const query = useQuery({
    queryKey: modelKey(id),
    queryFn: () => unwrap(api.GET("/api/models/{id}", { params: { path: { id } } })),
    refetchInterval: ({ state }) =>
      presenceMs(state.error, link !== "live" && state.data && isLive(state.data) ? POLL_MS : undefined),
  });
  const known = query.data !== undefined; // do not connect for a model that does not exist
  const ended = useSession((session) => session.ended);
  useEffect(() => {
    if (!known || ended) return;
    return openLink<ModelMessage>({
      url: () => socketUrl(`/ws/models/${id}`),
      batch: (messages) => {
        const last = messages[messages.length - 1];
        if (last) cache.setQueryData(modelKey(id), last.model);
        setLastMessageAt(Date.now());
        return undefined;
      },
      state: setLink,
      signedOut: sessionEnded,
    });
  }, [id, known, ended, cache]);
  const report = useFreshness((state) => state.report);
  const live = query.data ? isLive(query.data) : false;
  useEffect(() => {
    report(live && link !== "gone" ? link : null, live ? lastMessageAt : null);
    return () => report(null, null);
  }, [report, live, link, lastMessageAt]);
  return query;
}

/** Sends a command; the answer is the model as it is then. */
export function useModelCommand(id: string) {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: (kind: ModelCommand) =>
      unwrap(api.POST("/api/models/{id}/commands", { params: { path: { id } }, body: { kind } })),
    onSuccess: (changed) => cache.setQueryData(modelKey(id), changed),
  });
}
