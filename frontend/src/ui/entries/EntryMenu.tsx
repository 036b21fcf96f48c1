// What can be done to one entry, on its page and in its row: rename, notes, tags, archive, delete.
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useReadOnly } from "../../api/currentUser";
import { changeEntry, type Family, pageOfEntry, refreshEntries, type ShownEntry } from "../../api/entries";
import { useMutation } from "../../api/mutations";
import { DropDown } from "../DropDown";
import { errorMessage } from "../Notice";
import { DeleteDialog } from "./DeleteDialog";
import { EditDialog, type Field } from "./EditDialog";
import styles from "./entries.module.css";
import { useNotices } from "./notices";

interface EntryMenuProps {
  family: Family;
  id: string;
  entry: ShownEntry;
  /** why nobody may change it; null if it can be changed */
  fixed?: string | null;
  /** on the page of the entry: leaves the page, which is gone */
  onDeleted?: () => Promise<void> | void;
  /** the words of the button; without them it is three dots */
  words?: string;
}

const EDITS: readonly { field: Field; words: string }[] = [
  { field: "name", words: "Rename…" },
  { field: "notes", words: "Notes…" },
  { field: "tags", words: "Tags…" },
];

export function EntryMenu({ family, id, entry, fixed = null, onDeleted, words }: EntryMenuProps) {
  const [dialog, setDialog] = useState<Field | "delete" | null>(null);
  const readOnly = useReadOnly();
  const archive = useArchiving(family, id, entry);
  const why = fixed ?? readOnly?.title;
  const close = () => setDialog(null);
  return (
    <>
      <DropDown
        className={words ? undefined : `quiet ${styles.dots}`}
        label={words ? undefined : `Actions for ${entry.name}`}
        title={`Actions for ${entry.name}`}
        button={words ?? <Dots />}
      >
        {(shut) => (
          <div className={styles.verbs}>
            {why && <p className="sub">{why}</p>}
            {EDITS.map(({ field, words: text }) => (
              <button
                type="button"
                key={field}
                className="btn quiet"
                disabled={why !== undefined}
                onClick={() => {
                  shut();
                  setDialog(field);
                }}
              >
                {text}
              </button>
            ))}
            <button
              type="button"
              className="btn quiet"
              disabled={why !== undefined || archive.isPending}
              onClick={() => archive.mutate(!entry.archived, { onSuccess: shut })}
            >
              {entry.archived ? "Unarchive" : "Archive"}
            </button>
            <button
              type="button"
              className="btn quiet"
              disabled={why !== undefined}
              onClick={() => {
                shut();
                setDialog("delete");
              }}
            >
              Delete…
            </button>
            {archive.isError && (
              <p className="over" role="alert">
                {errorMessage(archive.error)}
              </p>
            )}
          </div>
        )}
      </DropDown>
      {dialog === "delete" && (
        <DeleteDialog family={family} id={id} name={entry.name} onClose={close} onDeleted={onDeleted} />
      )}
      {dialog !== null && dialog !== "delete" && (
        <EditDialog family={family} id={id} entry={entry} field={dialog} onClose={close} />
      )}
    </>
  );
}

function useArchiving(family: Family, id: string, { name }: ShownEntry) {
  const queries = useQueryClient();
  const add = useNotices((state) => state.add);
  const set = async (archived: boolean) => {
    await changeEntry(family, id, { archived });
    await refreshEntries(queries);
  };
  return useMutation({
    mutationFn: set,
    onSuccess: (_, archived) => {
      const text = archived
        ? `“${name}” was archived: it is off the lists, and works as before.`
        : `“${name}” is back on the lists.`;
      add({ text, undo: () => set(!archived), page: pageOfEntry(family, id) });
    },
  });
}

function Dots() {
  return (
    <svg viewBox="0 0 12 12" fill="currentColor" aria-hidden="true">
      <circle cx="1.5" cy="6" r="1.3" />
      <circle cx="6" cy="6" r="1.3" />
      <circle cx="10.5" cy="6" r="1.3" />
    </svg>
  );
}
