// The form. Every change updates the preview, and impossible limits are rejected here.

import { useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useReducer, useRef, useState } from "react";
import { useNavigate } from "react-router";
import { ApiError, api, isOutdated, type Problem, unwrap } from "../../api/client";
import { useMutation } from "../../api/mutations";
import type { Dataset, Draft, Engine, Launch, SearchRequest } from "../../api/types";
import { LIMITS } from "../../format/costs";
import { capitalise, joinWords } from "../../format/text";
import forms from "../../ui/forms/forms.module.css";
import type { Errors } from "../../ui/forms/schema";
import { errorMessage } from "../../ui/Notice";
import { Budgets, NoBudgets } from "./Budgets";
import { withBounds } from "./bounds";
import { limitedCosts, limitsAt, NO_LIMITS } from "./budget";
import { commandOf, explainNoCommand } from "./command";
import { DataCards } from "./DataCards";
import { FactorGroups } from "./FactorGroups";
import { type Factor, type Factors, factorsOf, isScored } from "./factors";
import { changedForm, type FormValues, PLANS, requestOf } from "./formValues";
import { LaunchBar } from "./LaunchBar";
import styles from "./new.module.css";
import { OwnDialog, OwnUploads } from "./OwnData";
import { Review } from "./Review";
import { Starts } from "./Starts";
import { TimeEstimate } from "./TimeEstimate";
import { useSaveDraft } from "./useDrafts";
import { usePreview } from "./usePreview";
import { forgetForm, keptForm, ofDraft, type Start, startKey, useKeptForm } from "./useStart";
import { impossibleLimits, newestCosts } from "./verdict";

interface SearchFormProps {
  /** its query, by which the window keeps unsaved changes */
  address: string;
  engine: Engine;
  datasets: readonly Dataset[];
  make: (engine: Engine, datasets: readonly Dataset[]) => Start;
  /** before the form goes on at another address, with this query */
  onMove: (search: string) => void;
  /** reloads the draft, without what was changed here */
  onReopen: () => void;
}

export function SearchForm({ address, engine, datasets, make, onMove, onReopen }: SearchFormProps) {
  const [start, setStart] = useState(() => make(engine, datasets));
  const [kept, setKept] = useState(() => keptForm(address, start.form));
  const [form, change] = useReducer(changedForm, kept?.form ?? start.form);
  const [stored, setStored] = useState(start.form);
  const [version, setVersion] = useState(kept?.version ?? start.version);
  useKeptForm(address, form, version, stored);
  const [bringing, setBringing] = useState(false);
  const [begun, setBegun] = useState<ReadonlySet<string>>(new Set());
  const dataset = datasets.find((each) => each.name === form.dataset);
  // An archived one is offered only where the form uses it already.
  const offered = datasets.filter(
    ({ name, archived }) => !archived || name === form.dataset || name === start.form.dataset,
  );
  const unlimited = factorsOf(engine, dataset, form, false);
  // Two queries: the costs of the largest and smallest cell do not depend on the limits, so dragging repeats only the
  // second.
  const { request: bare, errors: bareTyping } = requestOf(form, unlimited, NO_LIMITS, dataset, engine.limits);
  const askable = Object.keys(bareTyping).every((field) => /^(name|seed|repeats|budget\.)/.test(field));
  const costs = usePreview(askable ? costQuestion(bare) : null);
  const unlimitable = unlimited.protocol?.fixed ?? false;
  const limits = unlimitable
    ? NO_LIMITS
    : form.plan === "own" || form.plan === "profile"
      ? form.own
      : form.plan === "none" || !costs.preview
        ? NO_LIMITS
        : limitsAt(PLANS[form.plan].share, costs.preview);
  // A plan's limits are known only with the costs, but that it has some is known before.
  const limited = limitedCosts(limits).length > 0 || (!unlimitable && form.plan in PLANS);
  const factors = withBounds(
    limited ? factorsOf(engine, dataset, form, true) : unlimited,
    dataset,
    costs.preview && !costs.behind ? costs.preview.graph : null,
  );
  const { request, errors: typing } = requestOf(form, factors, limits, dataset, engine.limits);
  const finalists = isScored(factors) ? Number(request.settings.answer?.finalists ?? 0) : null;
  const valid = Object.keys(typing).length === 0;
  const limitsRead = !Object.keys(typing).some((field) => field.startsWith("budget."));
  const answer = usePreview(
    Object.keys(typing).every((field) => /^(name|repeats)$/.test(field)) && costs.preview
      ? withoutName(request)
      : null,
  );

  const navigate = useNavigate();
  const [launchKey, setLaunchKey] = useState(drawKey);
  const launch = useMutation({
    mutationFn: (body: Launch) => unwrap(api.POST("/api/searches", { body: { ...body, key: launchKey } })),
    onSuccess: (search) => {
      forgetForm(address);
      return navigate(`/searches/${search.id}`);
    },
  });
  const queries = useQueryClient();
  const save = useSaveDraft(start.draft, version);
  const onSaved = (draft: Draft, saved: FormValues) => {
    setStored(saved);
    setVersion(draft.version);
    setKept(null);
    if (start.draft === draft.id) return;
    // The form stays as it is, with what was typed meanwhile: only its address becomes that of the draft.
    const opened = ofDraft(draft);
    queries.setQueryData(startKey(`draft=${draft.id}`), () => opened);
    setStart(opened(engine, datasets));
    forgetForm(address);
    onMove(`?draft=${draft.id}`);
    // At once: what is typed next is kept under the new address.
    void navigate(`?draft=${draft.id}`, { replace: true, flushSync: true });
  };
  const refused = problemsOf(launch.error) ?? problemsOf(answer.error) ?? problemsOf(costs.error) ?? [];
  const errors = mergeErrors(typing, refused);
  const known = newestCosts(costs.preview, answer.preview);
  const wrong = impossibleLimits(limits, known, answer.behind ? undefined : answer.preview);
  const element = useRef<HTMLFormElement>(null);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!valid) {
      element.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus();
      return;
    }
    launch.mutate(request);
  };
  const saveDraft = (asNew = false) =>
    save.mutate(
      { name: request.name ?? "", form, asNew },
      { onSuccess: (draft, saved) => onSaved(draft, saved.form) },
    );
  const estimate = (answer.preview ?? costs.preview)?.estimate;
  const edit: typeof change = (next) => {
    launch.reset(); // errors of the server refer to the previous form
    setLaunchKey(drawKey());
    change(next);
  };
  const startOver = () => {
    setKept(null);
    setVersion(start.version);
    edit({ kind: "reset", form: start.form });
  };

  return (
    <>
      <form className={styles.newSearch} ref={element} onSubmit={submit} noValidate>
        <div className={styles.steps}>
          <Starts title={start.title} open={start.draft} onLeave={() => void navigate("/searches/new")}>
            {kept && (
              <span className={styles.kept} role="status">
                Your unsaved changes are back.{" "}
                <button type="button" className="btn small quiet" onClick={startOver}>
                  Discard them
                </button>
              </span>
            )}
          </Starts>
          <section>
            <div>
              <h2>Data</h2>
              <p>What the network learns.</p>
            </div>
            <div>
              <DataCards
                datasets={offered}
                chosen={form.dataset}
                onChoose={(chosen) => edit({ kind: "dataset", name: chosen })}
                onOwn={() => setBringing(true)}
              />
              <OwnUploads
                begun={begun}
                chosen={form.dataset}
                onChoose={(chosen) => edit({ kind: "dataset", name: chosen })}
              />
              {errors.dataset && <p className={forms.fieldError}>{errors.dataset}</p>}
            </div>
          </section>
          <section>
            <div>
              <h2>Budgets</h2>
              <p>
                What the network may cost. Drag the marker or type a number. An empty field means no limit.
              </p>
            </div>
            {unlimitable ? (
              <NoBudgets />
            ) : (
              <Budgets
                form={form}
                limits={limits}
                profiles={engine.device_profiles}
                precisions={engine.limits.bytes_per_element}
                preview={known}
                behind={costs.behind}
                errors={errors}
                impossible={wrong}
                change={edit}
              />
            )}
          </section>
          <section>
            <div>
              <h2>Method</h2>
              <p>How the search finds the cell.</p>
            </div>
            <div>
              <FactorGroups factors={factors} errors={errors} change={edit} />
            </div>
          </section>
        </div>
        <div className={styles.side}>
          <Review
            name={form.name ?? request.name ?? ""}
            dataset={dataset}
            seed={form.seed}
            repeats={form.repeats}
            limits={limits}
            preview={known}
            behind={costs.behind}
            finalists={finalists}
            time={
              <TimeEstimate
                estimate={estimate}
                repeats={request.repeats ?? 1}
                finalists={finalists}
                request={valid ? withoutName(request) : null}
              />
            }
            command={commandOf(request, factors, dataset?.uploaded ?? false)}
            noCommand={
              valid ? explainNoCommand(request) : "The command line appears when all fields are valid."
            }
            errors={errors}
            onName={(text) => edit({ kind: "name", text })}
            onSeed={(text) => edit({ kind: "seed", text })}
            onRepeats={(text) => edit({ kind: "repeats", text })}
          />
          <LaunchBar
            limits={limits}
            preview={known}
            wrong={wrong}
            failure={
              valid
                ? failureOf(
                    launch.error ?? answer.error ?? costs.error,
                    refused,
                    launch.error ? () => launch.mutate(request) : answer.retry,
                  )
                : describeWrong(Object.keys(typing).map((field) => fieldName(field, factors)))
            }
            estimate={estimate}
            repeats={request.repeats ?? 1}
            same={(valid && !answer.behind && answer.preview?.same) || []}
            launching={launch.isPending || launch.isSuccess}
            canLaunch={
              (wrong.length === 0 || !limitsRead) && Boolean(known) && !launch.isPending && !launch.isSuccess
            }
            onRaise={(key, value) => edit({ kind: "limit", key, value, from: limits })}
            saving={save.isPending}
            saved={
              save.error ? (
                <NotSaved error={save.error} onNew={() => saveDraft(true)} onOpen={onReopen} />
              ) : (
                form === stored && save.isSuccess && "Saved as a draft"
              )
            }
            onSave={() => saveDraft()}
          />
        </div>
      </form>
      {bringing && (
        <OwnDialog
          onClose={() => setBringing(false)}
          onStarted={({ id }) => setBegun(new Set([...begun, id]))}
        />
      )}
    </>
  );
}

interface NotSavedProps {
  error: Error;
  onNew: () => void;
  onOpen: () => void;
}

/** Why a draft was not saved, and the ways out where somebody changed or deleted it. */
function NotSaved({ error, onNew, onOpen }: NotSavedProps) {
  const outdated = isOutdated(error);
  const deleted = error instanceof ApiError && error.status === 404;
  return (
    <>
      <span className="over">Could not save. {errorMessage(error)}</span>{" "}
      {(outdated || deleted) && (
        <button type="button" className="btn small" onClick={onNew}>
          Save as a new draft
        </button>
      )}{" "}
      {outdated && (
        <button type="button" className="btn small quiet" onClick={onOpen}>
          Discard mine, open the other
        </button>
      )}
    </>
  );
}

/** Name and repeats change nothing of the answer, so that it stays cached while they are typed. */
function withoutName({ name: _, repeats: __, ...request }: Launch): SearchRequest {
  return request;
}

/** With which a form is launched once, though the answer may be lost and the form sent again. */
const drawKey = () =>
  Array.from(crypto.getRandomValues(new Uint32Array(4)), (part) => part.toString(36)).join("");

/** Nor does a seed change a cost. The edges to stop at are refused where the cell has fewer, which its costs tell. */
function costQuestion(request: Launch): SearchRequest {
  const { keep_edges: _, ...strategy } = request.settings?.strategy ?? {};
  return { ...withoutName(request), seed: 0, settings: { ...request.settings, strategy } };
}

function problemsOf(error: Error | null): readonly Problem[] | null {
  return error instanceof ApiError && error.status < 500 ? error.problems : null;
}

function mergeErrors(typing: Errors, refused: readonly Problem[]): Errors {
  const found: Record<string, string> = { ...typing };
  for (const { attr, detail } of refused) if (attr) found[attr] ??= detail;
  return found;
}

/** A field's label on the page. */
function fieldName(field: string, { settings }: Factors): string {
  const [part, key, setting] = field.split(".");
  if (part === "settings")
    return settings[key as Factor].schema.find(({ name }) => name === setting)?.label ?? field;
  if (part === "budget") return LIMITS.find((each) => each.key === key)?.name ?? field;
  return capitalise(part ?? field);
}

function describeWrong(fields: readonly string[]) {
  return <b className="over">Fix: {joinWords(fields)}</b>;
}

/** Errors that belong to no field: a refusal without one, or no answer. */
function failureOf(error: Error | null, refused: readonly Problem[], retry: () => void) {
  if (!error) return null;
  const general = refused.filter(({ attr }) => !attr);
  if (refused.length > 0 && general.length === 0) {
    return (
      <>
        <b className="over">Fix the marked fields</b>
        <p>{refused.map(({ detail }) => detail).join(" ")}</p>
      </>
    );
  }
  return (
    <>
      <b className="over">{general.length > 0 ? "Refused" : "The server did not answer"}</b>
      <p>{general.map(({ detail }) => detail).join(" ") || errorMessage(error)}</p>
      {general.length === 0 && (
        <button type="button" className="btn small" onClick={retry}>
          Try again
        </button>
      )}
    </>
  );
}
