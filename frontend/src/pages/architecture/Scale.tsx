// Scales the cell to the largest network within a budget, with a preview before it is created.

import { useQuery } from "@tanstack/react-query";
import clsx from "clsx";
import { type FormEvent, useState } from "react";
import { useNavigate } from "react-router";
import { api, unwrap } from "../../api/client";
import { useReadOnly } from "../../api/currentUser";
import { useMutation } from "../../api/mutations";
import type { ArchitectureDetail, Dataset, Engine, ScalePreview, ScaleRequest } from "../../api/types";
import { COSTS, type CostKey, limitedValue } from "../../format/costs";
import { formatPercent } from "../../format/numbers";
import { EXPORTED_BYTES, precisionName } from "../../format/precision";
import type { Macro } from "../../live/events";
import { CostBar } from "../../ui/CostBar";
import { Dialog } from "../../ui/Dialog";
import { FieldError, NumberBox } from "../../ui/forms/Fields";
import gauge from "../../ui/gauge.module.css";
import { errorMessage } from "../../ui/Notice";
import { Term } from "../../ui/Term";
import { useDebounced } from "../../ui/useDebounced";
import page from "./architecture.module.css";
import { kindOf } from "./dataKind";
import { blocksOf } from "./macro";
import styles from "./scale.module.css";
import { FIELDS, fieldsOf, initialForm, requestOf, type ScaleForm } from "./scaling";

interface ScaleProps {
  architecture: ArchitectureDetail;
  engine: Engine;
  datasets: readonly Dataset[];
  onClose: () => void;
}

const PAUSE_MS = 250;

export function Scale({ architecture, engine, datasets, onClose }: ScaleProps) {
  const kind = kindOf(architecture);
  const fitting = datasets.filter((each) => each.kind === kind);
  const [form, setForm] = useState<ScaleForm>(() =>
    initialForm(architecture, fitting, engine.device_profiles),
  );
  const set = (change: Partial<ScaleForm>) => setForm((old) => ({ ...old, ...change }));
  const { request, errors } = requestOf(form, kind, engine.limits);
  const settled = useDebounced(request, PAUSE_MS);
  const path = { id: architecture.id };
  const preview = useQuery({
    queryKey: ["scale", architecture.id, settled],
    queryFn: ({ signal }) =>
      unwrap(
        api.POST("/api/architectures/{id}/scale/preview", {
          params: { path },
          body: settled as ScaleRequest,
          signal,
        }),
      ),
    enabled: settled !== null,
    retry: false,
    staleTime: Number.POSITIVE_INFINITY,
  });
  const navigate = useNavigate();
  const readOnly = useReadOnly();
  const make = useMutation({
    mutationFn: (body: ScaleRequest) =>
      unwrap(api.POST("/api/architectures/{id}/scale", { params: { path }, body })),
    onSuccess: ({ id }) => navigate(`/architectures/${id}`),
  });
  const same = JSON.stringify(settled) === JSON.stringify(request);
  const answer = same && request !== null ? preview.data : undefined;
  const fits = answer !== undefined && answer.problems.length === 0 && answer.cost !== null;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (request && fits) make.mutate(request);
  };
  const pick = (name: string) => {
    const profile = engine.device_profiles.find((each) => each.name === name);
    set(profile ? fieldsOf(profile) : { profile: "" });
  };
  return (
    <Dialog title={`Scale ${architecture.name} to a device`} className={page.train} onClose={onClose}>
      <form onSubmit={submit} noValidate>
        <p className="q">
          Builds the largest network with this cell and layout that stays within the limits. The size is
          calculated, not trained.
        </p>
        <div className={styles.scaleFields}>
          <label htmlFor="scale-profile">Device</label>
          <select id="scale-profile" value={form.profile} onChange={(event) => pick(event.target.value)}>
            <option value="">Custom limits</option>
            {engine.device_profiles.map(({ name, title }) => (
              <option key={name} value={name}>
                {title}
              </option>
            ))}
          </select>
          {COSTS.map(({ key, name }) => (
            <Limit
              key={key}
              name={name}
              limit={key}
              value={form[key]}
              error={errors[key]}
              onChange={(text) => set({ [key]: text, profile: "" })}
            />
          ))}
          <p className="sub">
            Memory is counted with {precisionName(form.bytes)} activations. Exported models compute in{" "}
            {precisionName(EXPORTED_BYTES)}.
          </p>
          <label htmlFor="scale-dataset">Dataset</label>
          <select
            id="scale-dataset"
            value={form.dataset}
            onChange={(event) => set({ dataset: event.target.value })}
          >
            {fitting.map(({ name, title }) => (
              <option key={name} value={name}>
                {title}
              </option>
            ))}
            <option value="">None of these</option>
          </select>
          {kind === "image" && (
            <>
              <label htmlFor="scale-family">Network layout</label>
              <select
                id="scale-family"
                value={form.family}
                onChange={(event) => set({ family: event.target.value as ScaleForm["family"] })}
              >
                <option value="published">As published</option>
                <option value="search">As in the search</option>
              </select>
            </>
          )}
          {FIELDS[kind]
            .filter(({ key }) => key === "resolution" || form.dataset === "")
            .map(({ key, label, unit, placeholder }) => (
              <Whole
                key={key}
                id={`scale-${key}`}
                label={label}
                unit={unit}
                placeholder={form.dataset === "" ? placeholder : "same as dataset"}
                value={form[key]}
                error={errors[key]}
                onChange={(text) => set({ [key]: text })}
              />
            ))}
        </div>
        <div className={styles.scaled} aria-busy={request !== null && !answer} aria-live="polite">
          {answer ? (
            <Shown answer={answer} graph={architecture.graph} />
          ) : (
            <p className="q">
              {request === null
                ? "Enter at least one limit."
                : preview.isError && same
                  ? errorMessage(preview.error)
                  : "Calculating…"}
            </p>
          )}
        </div>
        {make.isError && (
          <p className="over" role="alert">
            {errorMessage(make.error)}
          </p>
        )}
        <div className="answers">
          <button
            type="submit"
            className="btn solid"
            disabled={!fits || make.isPending || make.isSuccess}
            {...readOnly}
          >
            {make.isPending ? "Creating…" : "Create"}
          </button>
          <button type="button" className="btn" onClick={onClose}>
            Cancel
          </button>
        </div>
      </form>
    </Dialog>
  );
}

interface LimitProps {
  name: string;
  limit: CostKey;
  value: string;
  error: string | undefined;
  onChange: (text: string) => void;
}

function Limit({ name, limit, value, error, onChange }: LimitProps) {
  const id = `scale-${limit}`;
  return (
    <>
      <span>
        <label htmlFor={id}>{name}</label> <Term name={limit} />
      </span>
      <NumberBox
        id={id}
        unit={null}
        value={value}
        placeholder="no limit"
        onChange={onChange}
        aria-invalid={Boolean(error)}
        aria-describedby={error ? `${id}-error` : undefined}
      />
      {error && <FieldError id={`${id}-error`}>{error}</FieldError>}
    </>
  );
}

interface WholeProps {
  id: string;
  label: string;
  unit: string | null;
  placeholder: string;
  value: string;
  error: string | undefined;
  onChange: (text: string) => void;
}

function Whole({ id, label, error, ...field }: WholeProps) {
  return (
    <>
      <label htmlFor={id}>{label}</label>
      <NumberBox
        id={id}
        whole
        aria-invalid={Boolean(error)}
        aria-describedby={error ? `${id}-error` : undefined}
        {...field}
      />
      {error && <FieldError id={`${id}-error`}>{error}</FieldError>}
    </>
  );
}

function Shown({ answer, graph }: { answer: ScalePreview; graph: ArchitectureDetail["graph"] }) {
  const { macro, cost, share, limited_by, problems } = answer;
  if (problems.length > 0 || !macro || !cost) {
    return (
      <>
        <b className="over">No network fits these limits</b>
        {problems.map(({ detail }) => (
          <p key={detail}>{detail}</p>
        ))}
      </>
    );
  }
  return (
    <>
      <table className={styles.macro}>
        <caption className="sr">Parts of the network</caption>
        <tbody>
          {blocksOf(macro as unknown as Macro, graph).map(({ title, detail }, i) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: the parts are identified by their order
            <tr key={i}>
              <th scope="row">{title}</th>
              <td>{detail}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <div>
        {COSTS.map(({ key, name, show }) => {
          const value = limitedValue(cost, key) ?? 0;
          const part = share[key];
          return (
            <div className={clsx(gauge.gauge, gauge.wide)} key={key}>
              <span>{name}</span>
              <CostBar value={value} full={part ? value / part : value} limit={part ? value / part : null} />
              <span className={gauge.figure}>
                <b>{show(value)}</b>
                {part !== undefined && <span>{formatPercent(part)} of the limit</span>}
                {limited_by === key && <span className="tag">limiting</span>}
              </span>
            </div>
          );
        })}
      </div>
    </>
  );
}
