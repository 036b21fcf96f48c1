// The page of searches: status, and costs against the limits.
import { Link } from "react-router";
import { CountOf, EntryList } from "../../ui/lists/EntryList";
import { useList } from "../../ui/lists/useList";
import { Empty } from "../../ui/Notice";
import { useDocumentTitle } from "../../ui/useDocumentTitle";
import { SEARCHES } from "./columns";
import { GroupSummary } from "./GroupSummary";

export function Component() {
  useDocumentTitle("Searches");
  // The page of a search has a socket; this list is polled.
  const list = useList("searches", ({ status }) => status === "running" || status === "queued");
  const [group, another] = list.address.chosen.group;
  return (
    <>
      <header className="page-head">
        <h1>Searches</h1>
        <CountOf list={list} />
        <div className="end">
          <Link className="btn solid" to="/searches/new">
            New search
          </Link>
        </div>
      </header>
      {group && !another && <GroupSummary id={group} />}
      <EntryList
        list={list}
        definition={SEARCHES}
        empty={
          <Empty>
            No searches yet. A search changes a cell step by step and keeps the best one that fits your
            limits.
          </Empty>
        }
      />
    </>
  );
}
