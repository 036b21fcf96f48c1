// Commands: sent, pending until the worker answers; a refusal is kept to be read.
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api, unwrap } from "../../api/client";
import type { CommandRequest } from "../../api/types";
import { sentence } from "../../parts/Notice";

export type Verb = CommandRequest["kind"];

export interface Steering {
  send: (kind: Verb, edge?: string) => void;
  /** a command is on its way to the server */
  busy: boolean;
  /** why the last one was refused, and which it was */
  refused: { kind: Verb; edge: string | null; why: string } | null;
  dismiss: () => void;
  /** takes back the last lock or unlock */
  undo: () => boolean;
}

const OPPOSITE: Partial<Record<Verb, Verb>> = { lock: "unlock", unlock: "lock" };

export function useSteering(id: string): Steering {
  const queries = useQueryClient();
  const [refused, setRefused] = useState<Steering["refused"]>(null);
  const [last, setLast] = useState<{ kind: Verb; edge: string } | null>(null);
  const mutation = useMutation({
    mutationFn: (body: CommandRequest) =>
      unwrap(api.POST("/api/searches/{id}/commands", { params: { path: { id } }, body })),
    onMutate: () => setRefused(null),
    onSuccess: (_, { kind, edge }) => {
      if (edge) setLast({ kind, edge });
      void queries.invalidateQueries({ queryKey: ["search", id] });
      void queries.invalidateQueries({ queryKey: ["searches"] });
    },
    onError: (error, { kind, edge }) => setRefused({ kind, edge: edge ?? null, why: sentence(error) }),
  });
  const send = (kind: Verb, edge?: string) => mutation.mutate({ kind, ...(edge && { edge }) });
  return {
    send,
    busy: mutation.isPending,
    refused,
    dismiss: () => setRefused(null),
    undo: () => {
      const back = last && OPPOSITE[last.kind];
      if (!last || !back) return false;
      setLast(null);
      send(back, last.edge);
      return true;
    },
  };
}
