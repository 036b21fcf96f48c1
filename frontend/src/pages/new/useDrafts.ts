// Drafts of the team.
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { ApiError, api, unwrap } from "../../api/client";
import { useMutation } from "../../api/mutations";
import type { FormValues } from "./formValues";

const KEY = ["drafts"];

export function useDrafts() {
  return useQuery({ queryKey: KEY, queryFn: () => unwrap(api.GET("/api/drafts")) });
}

interface Saving {
  name: string;
  form: FormValues;
  /** although a draft is open */
  asNew?: boolean;
}

/** Stores the form, in the draft that is open (`id`, as it was in this version) or else in a new one. */
export function useSaveDraft(id: string | null, version: number) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: ({ name, form, asNew }: Saving) => {
      const body = { name, draft: { ...form } };
      return unwrap(
        id === null || asNew
          ? api.POST("/api/drafts", { body })
          : api.PUT("/api/drafts/{id}", { body: { ...body, version }, params: { path: { id } } }),
      );
    },
    onSuccess: () => void queries.invalidateQueries({ queryKey: KEY }),
  });
}

export function useDeleteDraft() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: async (id: string) => {
      const { response } = await api.DELETE("/api/drafts/{id}", { params: { path: { id } } });
      if (!response.ok && response.status !== 404) throw new ApiError(response.status, []);
    },
    onSettled: () => queries.invalidateQueries({ queryKey: KEY }),
  });
}
