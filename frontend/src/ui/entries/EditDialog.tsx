// Changes one field of an entry: its name, notes or tags. What somebody else changed meanwhile is shown before it is
// replaced.
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useEffect, useId, useRef, useState } from "react";
import { isOutdated } from "../../api/client";
import { useLimits } from "../../api/engine";
import {
  changeEntry,
  type Family,
  facetsOf,
  notesOf,
  refreshEntries,
  type ShownEntry,
} from "../../api/entries";
import { useMutation } from "../../api/mutations";
import type { EntryChanges } from "../../api/types";
import { plural } from "../../format/text";
import { Dialog } from "../Dialog";
import { errorMessage } from "../Notice";
import styles from "./entries.module.css";

export type Field = "name" | "notes" | "tags";

interface EditDialogProps {
  family: Family;
  id: string;
  entry: ShownEntry;
  field: Field;
  onClose: () => void;
}

const TITLES: Readonly<Record<Field, (name: string) => string>> = {
  name: (name) => `Rename ${name}`,
  notes: (name) => `Notes on ${name}`,
  tags: (name) => `Tags of ${name}`,
};

export function EditDialog({ family, id, entry, field, onClose }: EditDialogProps) {
  const queries = useQueryClient();
  const save = useMutation({
    mutationFn: (changes: EntryChanges) => changeEntry(family, id, changes),
    onSuccess: async () => {
      onClose();
      await refreshEntries(queries);
    },
    onError: (error) => isOutdated(error) && refreshEntries(queries),
  });
  const shared = { onSave: save.mutate, onClose, pending: save.isPending, outdated: isOutdated(save.error) };
  return (
    <Dialog title={TITLES[field](entry.name)} onClose={onClose}>
      {field === "name" && <NameForm name={entry.name} {...shared} />}
      {field === "notes" && <NotesForm family={family} id={id} {...shared} />}
      {field === "tags" && <TagsForm family={family} tags={entry.tags} {...shared} />}
      {save.isError && (
        <p className="over" role="alert">
          Not saved: {errorMessage(save.error)}
        </p>
      )}
    </Dialog>
  );
}

interface FormProps {
  onSave: (changes: EntryChanges) => void;
  onClose: () => void;
  pending: boolean;
  /** somebody changed the field after it was read */
  outdated: boolean;
}

/** What the dialog was opened with; once that is outdated, what is stored now, which is shown then. */
function useRead<T>(stored: T, outdated: boolean): T {
  const [first] = useState(stored);
  return outdated ? stored : first;
}

function NameForm({ name, onSave, ...rest }: FormProps & { name: string }) {
  const read = useRead(name, rest.outdated);
  const [typed, setTyped] = useState(name);
  const id = useId();
  const limit = useLimits()?.name;
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => field.current?.select(), []);
  return (
    <Form
      {...rest}
      now={name}
      ready={typed.trim() !== ""}
      onSubmit={() => onSave({ name: typed.trim(), previous: { name: read } })}
    >
      <label htmlFor={id}>Name</label>
      <input
        id={id}
        ref={field}
        type="text"
        autoComplete="off"
        maxLength={limit}
        value={typed}
        onChange={(event) => setTyped(event.target.value)}
      />
    </Form>
  );
}

function NotesForm({ family, id, ...rest }: FormProps & { family: Family; id: string }) {
  const { data, error, isFetchedAfterMount } = useQuery(notesOf(family, id));
  // Those of an earlier reading may be old.
  if (!isFetchedAfterMount || data === undefined) {
    return (
      <>
        {isFetchedAfterMount ? (
          <p className="over" role="alert">
            The notes could not be loaded: {errorMessage(error)}
          </p>
        ) : (
          <p className="q">Loading the notes…</p>
        )}
        <div className="answers">
          <button type="button" className="btn" onClick={rest.onClose}>
            Close
          </button>
        </div>
      </>
    );
  }
  return <NotesField notes={data} {...rest} />;
}

function NotesField({ notes, onSave, ...rest }: FormProps & { notes: string }) {
  const read = useRead(notes, rest.outdated);
  const [typed, setTyped] = useState(notes);
  const id = useId();
  const limit = useLimits()?.notes;
  const field = useRef<HTMLTextAreaElement>(null);
  useEffect(() => field.current?.focus(), []);
  return (
    <Form
      {...rest}
      now={notes}
      ready
      onSubmit={() => onSave({ notes: typed.trim(), previous: { notes: read } })}
    >
      <label htmlFor={id}>Notes</label>
      <textarea
        id={id}
        ref={field}
        rows={8}
        maxLength={limit}
        value={typed}
        onChange={(event) => setTyped(event.target.value)}
      />
    </Form>
  );
}

/** Enter, a comma or a choice from the list adds a tag; saving takes what is typed too. */
function TagsForm({
  family,
  tags: old,
  onSave,
  ...rest
}: FormProps & { family: Family; tags: readonly string[] }) {
  const read = useRead(old, rest.outdated);
  const [tags, setTags] = useState(old);
  const [typed, setTyped] = useState("");
  const id = useId();
  const limits = useLimits();
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => field.current?.focus(), []);
  const used = useQuery(facetsOf(family, { archived: "all" })).data?.tag ?? [];
  const withTyped = (text: string) => {
    const all = new Map(tags.map((tag) => [tag.toLowerCase(), tag]));
    for (const tag of text.split(",").map((part) => part.trim()))
      if (tag !== "" && !all.has(tag.toLowerCase())) all.set(tag.toLowerCase(), tag);
    return [...all.values()];
  };
  const take = (text: string) => {
    setTags(withTyped(text));
    setTyped("");
  };
  return (
    <Form
      {...rest}
      now={old.join(", ")}
      ready
      onSubmit={() => onSave({ tags: withTyped(typed), previous: { tags: [...read] } })}
    >
      {tags.length > 0 && (
        <ul className={styles.tags} aria-label="Tags">
          {tags.map((tag) => (
            <li key={tag}>
              <button
                type="button"
                className={styles.chip}
                data-edits=""
                onClick={() => {
                  setTags(tags.filter((other) => other !== tag));
                  field.current?.focus();
                }}
              >
                <span className="sr">Remove the tag </span>
                {tag}
                <span aria-hidden="true">×</span>
              </button>
            </li>
          ))}
        </ul>
      )}
      <label htmlFor={id}>Add a tag</label>
      <input
        id={id}
        ref={field}
        type="text"
        autoComplete="off"
        list={`${id}-used`}
        aria-describedby={`${id}-help`}
        maxLength={limits?.tag}
        value={typed}
        onChange={({ target }) => (target.value.includes(",") ? take(target.value) : setTyped(target.value))}
        onKeyDown={(event) => {
          if (event.key !== "Enter" || typed.trim() === "") return;
          event.preventDefault(); // adds the tag; the next Enter saves
          take(typed);
        }}
      />
      <datalist id={`${id}-used`}>
        {used
          .filter(({ value }) => !tags.some((tag) => tag.toLowerCase() === value.toLowerCase()))
          .map(({ value }) => (
            <option key={value} value={value} />
          ))}
      </datalist>
      <p className="sub" id={`${id}-help`}>
        Enter or a comma adds it.{limits && ` At most ${plural(limits.tags, "tag")}.`}
      </p>
    </Form>
  );
}

interface FrameProps extends Omit<FormProps, "onSave"> {
  /** the field as it is stored */
  now: string;
  ready: boolean;
  onSubmit: () => void;
  children: React.ReactNode;
}

function Form({ now, outdated, ready, pending, onSubmit, onClose, children }: FrameProps) {
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (ready && !pending) onSubmit();
  };
  return (
    <form className={styles.form} onSubmit={submit}>
      {children}
      {outdated && (
        <p className={styles.now}>Now: {now === "" ? "nothing" : <q>{now}</q>}. Save again to replace it.</p>
      )}
      <div className="answers">
        <button type="submit" className="btn solid" disabled={!ready || pending}>
          {pending ? "Saving…" : "Save"}
        </button>
        <button type="button" className="btn" onClick={onClose}>
          Cancel
        </button>
      </div>
    </form>
  );
}
