// Says that the entry on this page was deleted while the page was open, and offers to restore it.
import { useQueryClient } from "@tanstack/react-query";
import { Link } from "react-router";
import { ApiError } from "../../api/client";
import { useReadOnly } from "../../api/currentUser";
import { FAMILIES, type Family, refreshEntries, restoreEntry } from "../../api/entries";
import { useMutation } from "../../api/mutations";
import { errorMessage } from "../Notice";

interface DeletedBannerProps {
  family: Family;
  id: string;
  /** of the query of the entry, which was read before */
  error: unknown;
}

export function DeletedBanner({ family, id, error }: DeletedBannerProps) {
  const queries = useQueryClient();
  const readOnly = useReadOnly();
  const restore = useMutation({
    mutationFn: async () => {
      await restoreEntry(family, id);
      await refreshEntries(queries);
    },
  });
  if (!(error instanceof ApiError && error.status === 404)) return null;
  const { noun, list } = FAMILIES[family];
  return (
    <div className="banner" data-kind="error" role="alert">
      <svg viewBox="0 0 16 16" fill="none" stroke="currentColor" strokeWidth="1.6" aria-hidden="true">
        <path d="M8 2l6.5 12h-13zM8 6.5v3.5M8 11.5v1" />
      </svg>
      <span>
        <b>This {noun} was deleted meanwhile.</b> The page shows it as it was.{" "}
        <Link to={list}>Back to the list</Link>
        {restore.isError && ` It was not restored: ${errorMessage(restore.error)}`}
      </span>
      <button
        type="button"
        className="btn"
        disabled={restore.isPending}
        onClick={() => restore.mutate()}
        {...readOnly}
      >
        Restore
      </button>
    </div>
  );
}
