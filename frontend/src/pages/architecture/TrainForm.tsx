// The form for a full training: dataset, seed and recipe. Of the dataset's default recipe only changed fields are sent; a
// named recipe is sent as a whole.

import { type FormEvent, useRef, useState } from "react";
import { useNavigate } from "react-router";
import { ApiError, api, type Problem, unwrap } from "../../api/client";
import { useMutation } from "../../api/mutations";
import type { components } from "../../api/schema";
import type { ArchitectureDetail, Dataset, Engine } from "../../api/types";
import { formatInteger, parseWhole } from "../../format/numbers";
import { Dialog } from "../../ui/Dialog";
import { FieldError, Fields } from "../../ui/forms/Fields";
import forms from "../../ui/forms/forms.module.css";
import {
  type ConfigField,
  changedSettings,
  errorsUnder,
  initialInputs,
  readInputs,
} from "../../ui/forms/schema";
import { rejectionMessage } from "../../ui/Notice";
import styles from "./architecture.module.css";
import { kindOf } from "./dataKind";

type TrainRequest = components["schemas"]["TrainRequest"];

interface TrainFormProps {
  architecture: ArchitectureDetail;
  datasets: readonly Dataset[];
  engine: Engine;
  onClose: () => void;
}

export function TrainForm({ architecture, datasets, engine, onClose }: TrainFormProps) {
  const form = useRef<HTMLFormElement>(null);
  const kind = kindOf(architecture);
  const fitting = datasets.filter((each) => each.kind === kind);
  const schema: readonly ConfigField[] = engine.recipe_schemas[kind];
  const recipes = engine.recipes.filter((each) => each.kind === kind);
  const own = fitting.find((each) => each.name === architecture.dataset) ?? fitting[0];
  const [dataset, setDataset] = useState(own?.name ?? "");
  const [seed, setSeed] = useState(
    String(Math.max(-1, ...architecture.models.map((model) => model.seed)) + 1),
  );
  const [picked, setPicked] = useState("");
  const [inputs, setInputs] = useState(() => initialInputs(schema));
  const recipe = recipes.find(({ name }) => name === picked);
  const navigate = useNavigate();
  const train = useMutation({
    mutationFn: (body: TrainRequest) =>
      unwrap(api.POST("/api/architectures/{id}/train", { params: { path: { id: architecture.id } }, body })),
    onSuccess: (model) => navigate(`/models/${model.id}`),
  });

  const { values, errors } = readInputs(schema, inputs);
  const seedValue = parseWhole(seed, 0, engine.limits.seed);
  const refused: readonly Problem[] = train.error instanceof ApiError ? train.error.problems : [];
  const general = refused.filter(({ attr }) => !attr || !/^(recipe|seed|dataset)\b/.test(attr));
  const seedError =
    seedValue === null
      ? `Enter a whole number from 0 to ${formatInteger(engine.limits.seed)}`
      : refused.find(({ attr }) => attr === "seed")?.detail;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (seedValue === null || Object.keys(errors).length > 0) {
      form.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus();
      return;
    }
    train.mutate({
      dataset: dataset as TrainRequest["dataset"], // a name from the server's list
      seed: seedValue,
      recipe: recipe ? values : Object.fromEntries(changedSettings(schema, values)),
    });
  };
  return (
    <Dialog title={`Train ${architecture.name}`} className={styles.train} onClose={onClose}>
      <form ref={form} onSubmit={submit} noValidate>
        <p className="q">
          Keeps the epoch with the best validation {architecture.metric}. The test set is used once, at the
          end.
        </p>
        <div className={styles.trainTop}>
          <label htmlFor="train-dataset">Dataset</label>
          <select id="train-dataset" value={dataset} onChange={(event) => setDataset(event.target.value)}>
            {fitting.map((each) => (
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
          <label htmlFor="train-recipe">Recipe</label>
          <select
            id="train-recipe"
            className={styles.recipe}
            value={picked}
            aria-describedby="train-recipe-about"
            onChange={({ target: { value } }) => {
              train.reset();
              setPicked(value);
              setInputs(initialInputs(schema, recipes.find(({ name }) => name === value)?.recipe));
            }}
          >
            <option value="">Default for this dataset</option>
            {recipes.map(({ name, title }) => (
              <option key={name} value={name}>
                {title}
              </option>
            ))}
          </select>
          <p className={forms.help} id="train-recipe-about">
            {recipe
              ? `${recipe.about} Source: ${recipe.source}`
              : "Suitable for a dataset of this size. You can change every setting below."}
          </p>
        </div>
        {fitting.length === 0 && (
          <p className="over" role="alert">
            There is no {kind} dataset to train on.
          </p>
        )}
        <Fields
          schema={schema}
          inputs={inputs}
          errors={{ ...errorsUnder("recipe", refused), ...errors }}
          prefix="recipe"
          onChange={(name, value) => {
            train.reset();
            setInputs((old) => ({ ...old, [name]: value }));
          }}
        />
        {train.isError && (refused.length === 0 || general.length > 0) && (
          <p className="over" role="alert">
            {general.map(({ detail }) => detail).join(" ") || rejectionMessage(train.error)}
          </p>
        )}
        <div className="answers">
          <button type="submit" className="btn solid" disabled={train.isPending || train.isSuccess || !own}>
            {train.isPending ? "Starting…" : "Start training"}
          </button>
          <button type="button" className="btn" onClick={onClose}>
            Cancel
          </button>
        </div>
      </form>
    </Dialog>
  );
}
