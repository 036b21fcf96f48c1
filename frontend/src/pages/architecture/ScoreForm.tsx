// The form for scores: by which proxies, on which images.

import { useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useId, useRef, useState } from "react";
import { scoresOf } from "../../api/architectures";
import { ApiError, api, type Problem, unwrap } from "../../api/client";
import { useMutation } from "../../api/mutations";
import type { ArchitectureDetail, Dataset, Engine, ScoreRequest } from "../../api/types";
import { formatInteger, parseWhole } from "../../format/numbers";
import type { Macro } from "../../live/events";
import { Dialog } from "../../ui/Dialog";
import { FieldError } from "../../ui/forms/Fields";
import forms from "../../ui/forms/forms.module.css";
import { rejectionMessage } from "../../ui/Notice";
import { Term } from "../../ui/Term";
import styles from "./scores.module.css";

type Proxy = Engine["proxies"][number];
type ProxyName = ScoreRequest["proxies"][number];

interface ScoreFormProps {
  architecture: ArchitectureDetail;
  datasets: readonly Dataset[];
  engine: Engine;
  onClose: () => void;
}

const LEAST = 2; // images of a batch: from one alone nothing deviates
const SIDE = 64; // pixels, published for networks that take 224

export function ScoreForm({ architecture, datasets, engine, onClose }: ScoreFormProps) {
  const form = useRef<HTMLFormElement>(null);
  const queries = useQueryClient();
  const fitting = datasets.filter(({ kind }) => kind === "image");
  const own = fitting.find(({ name }) => name === architecture.dataset) ?? fitting[0];
  const { batches, limits, proxies } = engine;
  const [chosen, setChosen] = useState<readonly string[]>(proxies.slice(0, 1).map(({ name }) => name));
  const [dataset, setDataset] = useState(own?.name ?? "");
  const [size, setSize] = useState(String(batches.size));
  const [side, setSide] = useState(String(sideOf(architecture.macro as unknown as Macro)));
  const [seed, setSeed] = useState("0");
  const score = useMutation({
    mutationFn: (body: ScoreRequest) =>
      unwrap(api.POST("/api/architectures/{id}/scores", { params: { path: { id: architecture.id } }, body })),
    onSuccess: async () => {
      await queries.invalidateQueries(scoresOf(architecture.id));
      onClose();
    },
  });

  const refused: readonly Problem[] = score.error instanceof ApiError ? score.error.problems : [];
  const refusedAt = (field: string) => refused.find(({ attr }) => attr?.split(".")[0] === field)?.detail;
  const general = refused.filter(({ attr }) => !attr || !/^(proxies|batch_size|side|seed)\b/.test(attr));
  const numbers = {
    size: parseWhole(size, LEAST, limits.batch_size),
    side: parseWhole(side, 0, limits.resolution),
    seed: parseWhole(seed, 0, limits.seed),
  };
  const range = (from: number, to: number) =>
    `Enter a whole number from ${formatInteger(from)} to ${formatInteger(to)}`;
  const errors = {
    proxies: chosen.length === 0 ? "Choose at least one proxy" : refusedAt("proxies"),
    size: numbers.size === null ? range(LEAST, limits.batch_size) : refusedAt("batch_size"),
    side: numbers.side === null ? range(0, limits.resolution) : refusedAt("side"),
    seed: numbers.seed === null ? range(0, limits.seed) : refusedAt("seed"),
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (chosen.length === 0 || numbers.size === null || numbers.side === null || numbers.seed === null) {
      form.current?.querySelector<HTMLElement>('[aria-invalid="true"], [data-invalid] input')?.focus();
      return;
    }
    const names = proxies.map(({ name }) => name).filter((name) => chosen.includes(name));
    score.mutate({
      proxies: names as ProxyName[], // of the server's list
      dataset,
      batch_size: numbers.size,
      side: numbers.side,
      seed: numbers.seed,
    });
  };
  const change = (set: () => void) => {
    score.reset();
    set();
  };
  return (
    <Dialog title={`Score ${architecture.name}`} className={styles.dialog} onClose={onClose}>
      <form ref={form} onSubmit={submit} noValidate>
        <p className="q">
          Each <Term name="proxy">proxy</Term> scores the network before any training. Scores that are there
          already are not computed again.
        </p>
        <fieldset className={styles.proxies} data-invalid={errors.proxies ? "" : undefined}>
          <legend className="sr">Proxies</legend>
          {proxies.map((proxy) => (
            <ProxyBox
              key={proxy.name}
              proxy={proxy}
              checked={chosen.includes(proxy.name)}
              onChange={(checked) =>
                change(() =>
                  setChosen(checked ? [...chosen, proxy.name] : chosen.filter((name) => name !== proxy.name)),
                )
              }
            />
          ))}
        </fieldset>
        {errors.proxies && <FieldError id="score-proxies-error">{errors.proxies}</FieldError>}
        <div className={styles.images}>
          <label htmlFor="score-dataset">Dataset</label>
          <select
            id="score-dataset"
            value={dataset}
            onChange={({ target }) => change(() => setDataset(target.value))}
          >
            {fitting.map((each) => (
              <option key={each.name} value={each.name}>
                {each.title}
              </option>
            ))}
          </select>
          <NumberInput
            id="score-batch"
            label="Batch size"
            value={size}
            error={errors.size}
            onChange={(value) => change(() => setSize(value))}
          />
          <NumberInput
            id="score-side"
            label="Resolution of scored images"
            value={side}
            error={errors.side}
            onChange={(value) => change(() => setSide(value))}
          />
          <NumberInput
            id="score-seed"
            label="Seed"
            value={seed}
            error={errors.seed}
            onChange={(value) => change(() => setSeed(value))}
          />
          <p className={forms.help}>
            {formatInteger(batches.count)} batches of the training part. Resolution: pixels of a side; 0: the
            network’s input. The seed draws the images and the weights.
          </p>
        </div>
        {score.isError && (refused.length === 0 || general.length > 0) && (
          <p className="over" role="alert">
            {general.map(({ detail }) => detail).join(" ") || rejectionMessage(score.error)}
          </p>
        )}
        <div className="answers">
          <button type="submit" className="btn solid" disabled={score.isPending || score.isSuccess || !own}>
            {score.isPending ? "Sending…" : "Score"}
          </button>
          <button type="button" className="btn" onClick={onClose}>
            Cancel
          </button>
        </div>
      </form>
    </Dialog>
  );
}

/** Where the network has a resolution of its own, which may be large, a proxy needs less. */
function sideOf(macro: Macro): number {
  return macro.kind === "chain" && macro.resolution ? SIDE : 0;
}

/** What the network is given. */
const TAKES: Readonly<Record<Proxy["inputs"], string>> = {
  "labelled images": "Takes labelled images.",
  images: "Takes images without their labels.",
  noise: "Takes noise of their size.",
  ones: "Takes ones of their size.",
  nothing: "Known at once, from the costs.",
};

interface ProxyBoxProps {
  proxy: Proxy;
  checked: boolean;
  onChange: (checked: boolean) => void;
}

function ProxyBox({ proxy: { title, about, source, inputs }, checked, onChange }: ProxyBoxProps) {
  const id = useId();
  return (
    <div className={styles.proxy}>
      <input
        id={id}
        type="checkbox"
        checked={checked}
        aria-describedby={`${id}-about`}
        onChange={({ target }) => onChange(target.checked)}
      />
      <label htmlFor={id}>{title}</label>
      <p className={forms.help} id={`${id}-about`} title={source}>
        {about} {TAKES[inputs]}
      </p>
    </div>
  );
}

interface NumberInputProps {
  id: string;
  label: string;
  value: string;
  error: string | undefined;
  onChange: (value: string) => void;
}

function NumberInput({ id, label, value, error, onChange }: NumberInputProps) {
  return (
    <>
      <label htmlFor={id}>{label}</label>
      <input
        id={id}
        type="text"
        inputMode="numeric"
        autoComplete="off"
        value={value}
        onChange={({ target }) => onChange(target.value)}
        aria-invalid={Boolean(error)}
        aria-describedby={error ? `${id}-error` : undefined}
      />
      {error && <FieldError id={`${id}-error`}>{error}</FieldError>}
    </>
  );
}
