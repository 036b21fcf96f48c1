// Two architectures side by side: what they cost and reach, and what differs in cell and network. The link says which.
import { useQuery } from "@tanstack/react-query";
import clsx from "clsx";
import type { ReactNode } from "react";
import { Link, useSearchParams } from "react-router";
import { architectureOf } from "../../api/architectures";
import { useDisplayNames } from "../../api/displayNames";
import type { ArchitectureDetail } from "../../api/types";
import { Empty, Failed, Loading } from "../../ui/Notice";
import { useDocumentTitle } from "../../ui/useDocumentTitle";
import { Cells } from "./Cells";
import styles from "./compare.module.css";
import { FigureTable } from "./FigureTable";
import { NetworkTable } from "./NetworkTable";

export function Component() {
  const [params] = useSearchParams();
  const [a, b] = [params.get("a") ?? "", params.get("b") ?? ""];
  if (a && b && a !== b) return <Pair key={`${a} ${b}`} a={a} b={b} />;
  const one = a || b;
  return (
    <Frame title="Compare architectures">
      <Empty action={<Choose chosen={one ? [one] : []} />}>
        {one === ""
          ? "Choose two architectures to compare."
          : a === b
            ? "This link compares an architecture with itself. Choose another one to compare it with."
            : "This link names one architecture. Choose a second one to compare it with."}
      </Empty>
    </Frame>
  );
}

function Pair({ a, b }: { a: string; b: string }) {
  const queries = { A: useQuery(architectureOf(a)), B: useQuery(architectureOf(b)) };
  const [first, second] = [queries.A.data, queries.B.data];
  if (first && second) return <Comparison a={first} b={second} />;
  const failed = Object.entries(queries).filter(([, { isError }]) => isError);
  const found = [first, second].flatMap((each) => each?.id ?? []);
  return (
    <Frame title="Compare architectures">
      {failed.map(([side, { error, refetch }]) => (
        <Failed
          key={side}
          what={`Architecture ${side} of this link`}
          error={error}
          retry={() => void refetch()}
        />
      ))}
      {failed.length > 0 ? (
        <Empty action={<Choose chosen={found} />}>
          {found.length > 0 ? "The other one is there." : "There is nothing to compare."}
        </Empty>
      ) : (
        <Loading>Loading the two architectures…</Loading>
      )}
    </Frame>
  );
}

function Comparison({ a, b }: { a: ArchitectureDetail; b: ArchitectureDetail }) {
  const names = useDisplayNames();
  return (
    <Frame
      title={`Compare ${a.name} and ${b.name}`}
      action={
        <Link className="btn" to={`?${new URLSearchParams({ a: b.id, b: a.id })}`} replace>
          Swap A and B
        </Link>
      }
    >
      <div className={styles.compare}>
        <FigureTable a={a} b={b} names={names} />
        <Cells a={a} b={b} />
        <NetworkTable a={a} b={b} />
      </div>
    </Frame>
  );
}

function Frame({ title, action, children }: { title: string; action?: ReactNode; children: ReactNode }) {
  useDocumentTitle(title);
  return (
    <>
      <header className={clsx("page-head", styles.head)}>
        <div>
          <p className="sub">
            <Link to="/catalog">Catalog</Link>
          </p>
          <h1>{title}</h1>
        </div>
        {action}
      </header>
      {children}
    </>
  );
}

/** To the catalog, where these are chosen already. */
function Choose({ chosen }: { chosen: readonly string[] }) {
  const search = chosen.length > 0 ? `?${new URLSearchParams(chosen.map((id) => ["compare", id]))}` : "";
  return (
    <Link className="btn" to={`/catalog${search}`}>
      Choose in the catalog
    </Link>
  );
}
