// The page for a new search: loads what the form needs and what it starts from.

import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useLocation, useSearchParams } from "react-router";
import { allDatasets } from "../../api/datasets";
import { useEngine } from "../../api/engine";
import { Empty, Failed, Loading } from "../../ui/Notice";
import { useDocumentTitle } from "../../ui/useDocumentTitle";
import { SearchForm } from "./SearchForm";
import { forgetForm, useStart } from "./useStart";

export function Component() {
  useDocumentTitle("New search");
  return (
    <>
      <h1 className="sr">New search</h1>
      <LoadingForm />
    </>
  );
}

function LoadingForm() {
  const { search } = useLocation();
  const [formKey, moveTo, startOver] = useFormKey(search);
  const [params] = useSearchParams();
  const engine = useEngine();
  const datasets = useQuery(allDatasets); // what it starts from may name an archived one
  const start = useStart(params);
  if (start.error && !start.data) {
    const what = params.has("draft") ? "This draft" : "What this search starts from";
    return <Failed what={what} error={start.error} retry={() => void start.refetch()} />;
  }
  if (!engine.data || !datasets.data || !start.data) {
    const failed = engine.error ?? datasets.error;
    if (!failed) return <Loading>Loading datasets and methods…</Loading>;
    const again = () => void Promise.all([engine.refetch(), datasets.refetch()]);
    return <Failed what="The list of datasets and methods" error={failed} retry={again} />;
  }
  if (datasets.data.length === 0 || engine.data.strategies.length === 0) {
    return <Empty>No datasets yet. Upload one to start a search.</Empty>;
  }
  return (
    <SearchForm
      key={formKey}
      address={search}
      engine={engine.data}
      datasets={datasets.data}
      make={start.data}
      onMove={moveTo}
      onReopen={() => {
        forgetForm(search);
        void start.refetch().then(startOver);
      }}
    />
  );
}

interface FormAtAddress {
  search: string;
  key: number;
  /** where the form goes on */
  next: string | null;
}

/** Another number wherever the address changes, so that the form starts over, unless it moves to that address. */
function useFormKey(search: string): [key: number, moveTo: (next: string) => void, startOver: () => void] {
  const [form, setForm] = useState<FormAtAddress>({ search, key: 0, next: null });
  if (form.search !== search) setForm({ search, key: form.key + (search === form.next ? 0 : 1), next: null });
  return [
    form.key,
    (next) => setForm((now) => ({ ...now, next })),
    () => setForm((now) => ({ ...now, key: now.key + 1 })),
  ];
}
