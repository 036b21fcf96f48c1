// A training at full length: data, seed, and the recipe from the engine's schema. Only what a person changed is sent, so
// everything else is the data set's own recipe.
import { useMutation } from "@tanstack/react-query";
import { type FormEvent, useEffect, useRef, useState } from "react";
import { useNavigate } from "react-router";
import { ApiError, api, type Problem, unwrap } from "../../api/client";
import type { components } from "../../api/schema";
import type { ArchitectureDetail, Dataset, Engine } from "../../api/types";
import { FieldError, Fields } from "../../forms/Fields";
import { changed, draftOf, read, under } from "../../forms/schema";
import { sentence } from "../../parts/Notice";

type TrainRequest = components["schemas"]["TrainRequest"];

interface TrainFormProps {
  architecture: ArchitectureDetail;
  datasets: readonly Dataset[];
  engine: Engine;
  onClose: () => void;
}

export function TrainForm({ architecture, datasets, engine, onClose }: TrainFormProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const form = useRef<HTMLFormElement>(null);
  const own = datasets.find((each) => each.name === architecture.dataset) ?? datasets[0];
  const [dataset, setDataset] = useState(own?.name ?? "");
  const [seed, setSeed] = useState(
    String(Math.max(-1, ...architecture.models.map((model) => model.seed)) + 1),
  );
  const [draft, setDraft] = useState(() => draftOf(engine.recipe_schema));
  const navigate = useNavigate();
  const train = useMutation({
    mutationFn: (body: TrainRequest) =>
      unwrap(api.POST("/api/architectures/{id}/train", { params: { path: { id: architecture.id } }, body })),
    onSuccess: (model) => navigate(`/models/${model.id}`),
  });
  useEffect(() => {
    dialog.current?.showModal();
  }, []);

  const { values, errors } = read(engine.recipe_schema, draft);
  const seedValue = /^\d{1,9}$/.test(seed.trim()) ? Number(seed) : null;
  const refused: readonly Problem[] = train.error instanceof ApiError ? train.error.problems : [];
  const general = refused.filter(({ attr }) => !attr || !/^(recipe|seed|dataset)\b/.test(attr));
  const seedError =
    seedValue === null
      ? "A whole number is needed, 0 or more"
      : refused.find(({ attr }) => attr === "seed")?.detail;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (seedValue === null || Object.keys(errors).length > 0) {
      form.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus();
      return;
    }
    train.mutate({
      dataset: dataset as TrainRequest["dataset"], // a name out of the server's own list
      seed: seedValue,
      recipe: Object.fromEntries(changed(engine.recipe_schema, values)),
    });
  };
  return (
    <dialog className="train" ref={dialog} onClose={onClose} aria-labelledby="train-title">
      <form ref={form} onSubmit={submit} noValidate>
        <h2 id="train-title">Train {architecture.name}</h2>
        <p className="q">
          A checkpoint each epoch; the best epoch by validation accuracy is kept, and the test part is opened
          once, at the end.
        </p>
        <div className="train-top">
          <label htmlFor="train-dataset">Data</label>
          <select id="train-dataset" value={dataset} onChange={(event) => setDataset(event.target.value)}>
            {datasets.map((each) => (
              <option key={each.name} value={each.name}>
                {each.title}
              </option>
            ))}
          </select>
          <label htmlFor="train-seed">Seed</label>
          <input
            id="train-seed"
            type="text"
            inputMode="numeric"
            autoComplete="off"
            value={seed}
            onChange={(event) => setSeed(event.target.value)}
            aria-invalid={Boolean(seedError)}
            aria-describedby={seedError ? "train-seed-error" : undefined}
          />
          {seedError && <FieldError id="train-seed-error">{seedError}</FieldError>}
        </div>
        <Fields
          schema={engine.recipe_schema}
          draft={draft}
          errors={{ ...under("recipe", refused), ...errors }}
          prefix="recipe"
          onChange={(name, value) => {
            train.reset();
            setDraft((old) => ({ ...old, [name]: value }));
          }}
        />
        {train.isError && (refused.length === 0 || general.length > 0) && (
          <p className="over" role="alert">
            {general.map(({ detail }) => detail).join(" ") || sentence(train.error)}
          </p>
        )}
        <div className="answers">
          <button type="submit" className="btn solid" disabled={train.isPending || train.isSuccess}>
            {train.isPending ? "Queueing" : "Start training"}
          </button>
          <button type="button" className="btn" onClick={() => dialog.current?.close()}>
            Not now
          </button>
        </div>
      </form>
    </dialog>
  );
}
