// The training curve of a finished candidate, which is in its row alone.
import { useQuery } from "@tanstack/react-query";
import { api, unwrap } from "../../api/client";
import type { CurvePoint } from "../../api/types";

const NONE: readonly CurvePoint[] = [];

/** `number` null: none is shown. */
export function useStoredCurve(id: string, branch: number, number: number | null): readonly CurvePoint[] {
  const { data } = useQuery({
    queryKey: ["candidate", id, branch, number],
    queryFn: () =>
      unwrap(
        api.GET("/api/searches/{id}/candidates/{branch}/{number}", {
          params: { path: { id, branch, number: number ?? 0 } },
        }),
      ),
    enabled: number !== null,
    staleTime: Number.POSITIVE_INFINITY,
  });
  return (number !== null && data?.curve) || NONE;
}
