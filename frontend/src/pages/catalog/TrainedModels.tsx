// The second list of the catalog: trained models, and those in training.

import { CountOf, EntryList } from "../../ui/lists/EntryList";
import { useList } from "../../ui/lists/useList";
import { Empty } from "../../ui/Notice";
import { useDocumentTitle } from "../../ui/useDocumentTitle";
import { CatalogHead } from "./CatalogHead";
import { MODELS } from "./columns";

const MOVING: ReadonlySet<string> = new Set(["queued", "running", "stopping"]);

export function Component() {
  useDocumentTitle("Trained models");
  const list = useList("models", ({ status }) => MOVING.has(status));
  return (
    <>
      <CatalogHead at="models">
        <CountOf list={list} />
      </CatalogHead>
      <EntryList
        list={list}
        definition={MODELS}
        empty={<Empty>No trained models yet. Open an architecture and choose “Train”.</Empty>}
      />
    </>
  );
}
