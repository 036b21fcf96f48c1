// One file becomes a dataset: choose or drop it, name it, send it. A file whose upload was left is gone on with.
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useEffect, useId, useRef, useState } from "react";
import { sending, useUploads } from "../../api/data";
import type { Upload } from "../../api/types";
import { moment } from "../../format";
import { FieldError, NumberBox } from "../../forms/Fields";
import { sentence } from "../../parts/Notice";
import { fileSize } from "../../units";
import { Refused } from "../../upload/transport";
import { leftover } from "../../upload/uploads";
import { DropZone } from "./DropZone";
import { titleOf } from "./standing";
import "./upload.css";

interface UploadFormProps {
  onStarted?: (upload: Upload) => void;
}

export function UploadForm({ onStarted }: UploadFormProps) {
  const [file, setFile] = useState<File | null>(null);
  const uploads = useUploads();
  const left = file && leftover(file, uploads.data ?? []);
  const done = (upload: Upload) => {
    setFile(null);
    onStarted?.(upload);
  };
  if (!file) return <DropZone onFile={setFile} />;
  return (
    <>
      <div className="chosen">
        <p>
          <b>{file.name}</b> <span className="sub">{fileSize(file.size)}</span>
        </p>
        <button type="button" className="btn small quiet" onClick={() => setFile(null)}>
          Another file
        </button>
      </div>
      {left ? <Leftover file={file} left={left} onStarted={done} /> : <Send file={file} onStarted={done} />}
    </>
  );
}

/** The chooser that had the keyboard is gone: what comes next takes it, and comes into sight. */
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
  const id = useId();
  const form = useRef<HTMLFormElement>(null);
  const first = useFirstFocus<HTMLInputElement>();
  const [title, setTitle] = useState(() => titleOf(file.name));
  const [side, setSide] = useState("");
  const queries = useQueryClient();
  const begin = useMutation({
    mutationFn: (options: Parameters<typeof sending.begin>[1]) => sending.begin(file, options),
    onSuccess: async (upload) => {
      await queries.invalidateQueries({ queryKey: ["uploads"] });
      onStarted(upload);
    },
  });
  const pixels = side.trim() === "" ? undefined : /^\d{1,4}$/.test(side.trim()) ? Number(side) : null;
  const about = begin.error instanceof Refused ? (begin.error.attr ?? "") : "";
  const wrongSide =
    pixels === null
      ? "A whole number of pixels is needed, or nothing"
      : about.endsWith("side")
        ? begin.error?.message
        : undefined;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (pixels === null) return form.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus();
    begin.mutate({ title: title.trim(), ...(pixels !== undefined && { side: pixels }) });
  };
  return (
    <form ref={form} className="send" onSubmit={submit} noValidate>
      <label htmlFor={`${id}-title`}>Title</label>
      <input
        id={`${id}-title`}
        ref={first}
        type="text"
        value={title}
        maxLength={120}
        autoComplete="off"
        placeholder={titleOf(file.name)}
        onChange={(event) => setTitle(event.target.value)}
      />
      <label htmlFor={`${id}-side`}>Side</label>
      <NumberBox
        id={`${id}-side`}
        unit="px"
        whole
        value={side}
        placeholder="as it is"
        onChange={(text) => {
          begin.reset();
          setSide(text);
        }}
        aria-invalid={Boolean(wrongSide)}
        aria-describedby={`${id}-help${wrongSide ? ` ${id}-error` : ""}`}
      />
      <p className="help" id={`${id}-help`}>
        Scales every image to a square of so many pixels, the middle of its longer side. Left empty, all must
        be of one size.
      </p>
      {wrongSide && <FieldError id={`${id}-error`}>{wrongSide}</FieldError>}
      {begin.isError && !about.endsWith("side") && (
        <p className="over" role="alert">
          {sentence(begin.error)}
        </p>
      )}
      <div className="answers">
        <button type="submit" className="btn solid" disabled={begin.isPending}>
          {begin.isPending ? "Starting" : "Upload"}
        </button>
      </div>
    </form>
  );
}

function Leftover({ file, left, onStarted }: SendProps & { left: Upload }) {
  const first = useFirstFocus<HTMLButtonElement>();
  const queries = useQueryClient();
  const afresh = useMutation({
    mutationFn: async () => {
      await sending.cancel(left.id);
      await queries.invalidateQueries({ queryKey: ["uploads"] });
    },
  });
  return (
    <div className="leftover" role="status">
      <p>
        {left.created_by} began to upload a file of this name and size on {moment(left.created_at)}, and{" "}
        {fileSize(left.received)} of it are here. It can go on from there.
      </p>
      {afresh.isError && (
        <p className="over" role="alert">
          {sentence(afresh.error)}
        </p>
      )}
      <div className="answers">
        <button
          type="button"
          ref={first}
          className="btn solid"
          onClick={() => {
            sending.resume(file, left);
            onStarted(left);
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
