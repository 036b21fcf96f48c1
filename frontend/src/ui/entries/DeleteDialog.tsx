// Asks before an entry is deleted, and says there why it is not.
import { useQueryClient } from "@tanstack/react-query";
import { Link } from "react-router";
import { ApiError } from "../../api/client";
import {
  deleteEntry,
  FAMILIES,
  type Family,
  isFamily,
  pageOfEntry,
  refreshEntries,
  restoreEntry,
} from "../../api/entries";
import { useMutation } from "../../api/mutations";
import { formatDateTime } from "../../format/dates";
import { plural } from "../../format/text";
import { Dialog } from "../Dialog";
import { errorMessage } from "../Notice";
import styles from "./entries.module.css";
import { useNotices } from "./notices";

interface DeleteDialogProps {
  family: Family;
  id: string;
  name: string;
  onClose: () => void;
  onDeleted?: (() => Promise<void> | void) | undefined;
}

const SENTENCES: Readonly<Record<Family, string>> = {
  searches:
    "This deletes the search and its steps for the whole team. Its architecture in the catalog stays.",
  architectures: "This deletes the architecture for the whole team. The search that found it stays.",
  models: "This deletes the model with its weights and exported files for the whole team.",
  datasets: "This deletes the dataset for the whole team.",
};

export function DeleteDialog({ family, id, name, onClose, onDeleted }: DeleteDialogProps) {
  const remove = useDeletion(family, id, name, onClose, onDeleted);
  const { noun } = FAMILIES[family];
  if (remove.isError) {
    const usedBy = remove.error instanceof ApiError ? remove.error.usedBy : [];
    return (
      <Dialog title={`The ${noun} was not deleted`} onClose={onClose}>
        <p className="q" role="alert">
          {errorMessage(remove.error)}
        </p>
        {usedBy.length > 0 && (
          <ul className={styles.usedBy} aria-label={`What depends on the ${noun}`}>
            {usedBy.map((each) => (
              <li key={`${each.family} ${each.id}`}>
                {isFamily(each.family) ? (
                  <Link to={pageOfEntry(each.family, each.id)}>{each.name}</Link>
                ) : (
                  each.name
                )}
              </li>
            ))}
          </ul>
        )}
        <div className="answers">
          <button type="button" className="btn" onClick={onClose}>
            Close
          </button>
        </div>
      </Dialog>
    );
  }
  return (
    <Dialog title={`Delete ${name}?`} onClose={onClose}>
      <p className="q">
        {SENTENCES[family]} You can undo it for {plural(24, "hour")}.
      </p>
      <div className="answers">
        <button type="button" className="btn" onClick={onClose}>
          Cancel
        </button>
        <button type="button" className="btn cut" disabled={remove.isPending} onClick={() => remove.mutate()}>
          {remove.isPending ? "Deleting…" : "Delete"}
        </button>
      </div>
    </Dialog>
  );
}

function useDeletion(
  family: Family,
  id: string,
  name: string,
  onClose: () => void,
  onDeleted: DeleteDialogProps["onDeleted"],
) {
  const queries = useQueryClient();
  const add = useNotices((state) => state.add);
  return useMutation({
    mutationFn: () => deleteEntry(family, id),
    onSuccess: async ({ until }) => {
      onClose();
      await onDeleted?.();
      add({
        text: `“${name}” was deleted. It can be restored until ${formatDateTime(until)}.`,
        undo: async () => {
          await restoreEntry(family, id);
          await refreshEntries(queries);
        },
        page: pageOfEntry(family, id),
      });
      queries.removeQueries({ queryKey: [FAMILIES[family].noun, id] });
      await refreshEntries(queries);
    },
  });
}
