// The upload form: choose or drop a file, name it, send it. If an upload of the same file was interrupted, it can be resumed.

import { useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useEffect, useId, useRef, useState } from "react";
import { useLimits } from "../../api/engine";
import { useMutation } from "../../api/mutations";
import type { Upload } from "../../api/types";
import { formatDateTime } from "../../format/dates";
import { formatBytes, formatInteger } from "../../format/numbers";
import { FieldError, NumberBox } from "../../ui/forms/Fields";
import forms from "../../ui/forms/forms.module.css";
import { errorMessage } from "../../ui/Notice";
import { Refused } from "../../upload/transport";
import { findInterrupted } from "../../upload/uploads";
import { useUploads, windowUploads } from "../../upload/useUploads";
import { DropZone } from "./DropZone";
import styles from "./upload.module.css";
import { type Draft, type Holds, initialDraft, isUnclear, optionsOf } from "./uploadOptions";
import { proposedTitle } from "./uploadStatus";

interface UploadFormProps {
  onStarted?: (upload: Upload) => void;
}

export function UploadForm({ onStarted }: UploadFormProps) {
  const [file, setFile] = useState<File | null>(null);
  const uploads = useUploads();
  const interrupted = file && findInterrupted(file, uploads.data ?? []);
  const done = (upload: Upload) => {
    setFile(null);
    onStarted?.(upload);
  };
  if (!file) return <DropZone onFile={setFile} />;
  return (
    <>
      <div className={styles.chosen}>
        <p>
          <b>{file.name}</b> <span className="sub">{formatBytes(file.size)}</span>
        </p>
        <button type="button" className="btn small quiet" onClick={() => setFile(null)}>
          Select another file
        </button>
      </div>
      {interrupted ? (
        <InterruptedUpload file={file} interrupted={interrupted} onStarted={done} />
      ) : (
        <Send file={file} onStarted={done} />
      )}
    </>
  );
}

/** The file input that had the focus is gone: moves the focus to the next part and scrolls it into view. */
function useFirstFocus<T extends HTMLElement>() {
  const first = useRef<T>(null);
  useEffect(() => first.current?.focus(), []);
  return first;
}

interface SendProps {
  file: File;
  onStarted: (upload: Upload) => void;
}

function Send({ file, onStarted }: SendProps) {
  const limits = useLimits();
  const id = useId();
  const form = useRef<HTMLFormElement>(null);
  const first = useFirstFocus<HTMLInputElement>();
  const [title, setTitle] = useState(() => proposedTitle(file.name));
  const [draft, setDraft] = useState(() => initialDraft(file.name));
  const queries = useQueryClient();
  const begin = useMutation({
    mutationFn: (options: Parameters<typeof windowUploads.begin>[1]) => windowUploads.begin(file, options),
    onSuccess: async (upload) => {
      await queries.invalidateQueries({ queryKey: ["uploads"] });
      onStarted(upload);
    },
  });
  const set = (change: Partial<Draft>) => {
    begin.reset();
    setDraft((old) => ({ ...old, ...change }));
  };
  const { options, errors } = optionsOf(draft, limits?.upload);
  const about = begin.error instanceof Refused ? (begin.error.attr ?? "") : "";
  const errorOf = (key: "side" | "vocabulary") =>
    errors[key] ?? (about.endsWith(key) ? begin.error?.message : undefined);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (Object.keys(errors).length > 0)
      return form.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus();
    begin.mutate({ title: title.trim(), ...options });
  };
  return (
    <form ref={form} className={styles.send} onSubmit={submit} noValidate>
      <label htmlFor={`${id}-title`}>Title</label>
      <input
        id={`${id}-title`}
        ref={first}
        type="text"
        value={title}
        maxLength={limits?.name}
        autoComplete="off"
        placeholder={proposedTitle(file.name)}
        onChange={(event) => setTitle(event.target.value)}
      />
      {isUnclear(file.name) && (
        <>
          <label htmlFor={`${id}-holds`}>Content</label>
          <select
            id={`${id}-holds`}
            value={draft.holds}
            onChange={(event) => set({ holds: event.target.value as Holds })}
          >
            <option value="images">Images in class folders</option>
            <option value="text">Text: one file, or train, valid and test</option>
          </select>
        </>
      )}
      {draft.holds === "images" ? (
        <>
          <label htmlFor={`${id}-side`}>Resize to</label>
          <NumberBox
            id={`${id}-side`}
            unit="px"
            whole
            value={draft.side}
            placeholder="original"
            onChange={(text) => set({ side: text })}
            aria-invalid={Boolean(errorOf("side"))}
            aria-describedby={`${id}-help${errorOf("side") ? ` ${id}-error` : ""}`}
          />
          <p className={forms.help} id={`${id}-help`}>
            Crops every image to its central square and scales it to this many pixels per side. Empty: images
            keep their size, and all must have the same one.
          </p>
          {errorOf("side") && <FieldError id={`${id}-error`}>{errorOf("side") ?? ""}</FieldError>}
        </>
      ) : (
        <>
          <label htmlFor={`${id}-tokens`}>Tokens</label>
          <select
            id={`${id}-tokens`}
            value={draft.tokens}
            aria-describedby={`${id}-tokens-help`}
            onChange={(event) => set({ tokens: event.target.value })}
          >
            <option value="">Detect automatically</option>
            <option value="blanks">Separated by spaces</option>
            <option value="words">Words and punctuation, lowercase</option>
          </select>
          <p className={forms.help} id={`${id}-tokens-help`}>
            Text prepared for language models separates its tokens by spaces; ordinary text does not.
          </p>
          <label htmlFor={`${id}-vocabulary`}>Vocabulary</label>
          <NumberBox
            id={`${id}-vocabulary`}
            unit="words"
            whole
            value={draft.vocabulary}
            placeholder={formatInteger(10_000)}
            onChange={(text) => set({ vocabulary: text })}
            aria-invalid={Boolean(errorOf("vocabulary"))}
            aria-describedby={`${id}-vocabulary-help${errorOf("vocabulary") ? ` ${id}-error` : ""}`}
          />
          <p className={forms.help} id={`${id}-vocabulary-help`}>
            The most frequent words are kept. All others become one unknown word.
          </p>
          {errorOf("vocabulary") && <FieldError id={`${id}-error`}>{errorOf("vocabulary") ?? ""}</FieldError>}
        </>
      )}
      {begin.isError && !/(side|vocabulary)$/.test(about) && (
        <p className="over" role="alert">
          {errorMessage(begin.error)}
        </p>
      )}
      <div className={styles.answers}>
        <button type="submit" className="btn solid" disabled={begin.isPending}>
          {begin.isPending ? "Starting…" : "Upload"}
        </button>
      </div>
    </form>
  );
}

function InterruptedUpload({ file, interrupted, onStarted }: SendProps & { interrupted: Upload }) {
  const first = useFirstFocus<HTMLButtonElement>();
  const queries = useQueryClient();
  const afresh = useMutation({
    mutationFn: async () => {
      await windowUploads.cancel(interrupted.id);
      await queries.invalidateQueries({ queryKey: ["uploads"] });
    },
  });
  return (
    <div className={styles.leftover} role="status">
      <p>
        {interrupted.created_by} started to upload this file on {formatDateTime(interrupted.created_at)};{" "}
        {formatBytes(interrupted.received)} have arrived. You can continue this upload.
      </p>
      {afresh.isError && (
        <p className="over" role="alert">
          {errorMessage(afresh.error)}
        </p>
      )}
      <div className={styles.answers}>
        <button
          type="button"
          ref={first}
          className="btn solid"
          onClick={() => {
            windowUploads.resume(file, interrupted);
            onStarted(interrupted);
          }}
        >
          Continue
        </button>
        <button type="button" className="btn" disabled={afresh.isPending} onClick={() => afresh.mutate()}>
          Start over
        </button>
      </div>
    </div>
  );
}
