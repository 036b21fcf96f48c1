// Costs, latencies and qualities of both, with the difference, and in words which one is better.
import { useQuery } from "@tanstack/react-query";
import clsx from "clsx";
import { Link } from "react-router";
import { measurementsOf } from "../../api/architectures";
import type { DisplayNames } from "../../api/displayNames";
import { pageOfEntry } from "../../api/entries";
import type { ArchitectureDetail } from "../../api/types";
import { Failed, Loading } from "../../ui/Notice";
import { Term } from "../../ui/Term";
import styles from "./compare.module.css";
import { costRows, type Figure, latencyRows, qualityRows, type Row } from "./figures";

interface FigureTableProps {
  a: ArchitectureDetail;
  b: ArchitectureDetail;
  names: DisplayNames;
}

export function FigureTable({ a, b, names }: FigureTableProps) {
  const queries = [useQuery(measurementsOf(a.id)), useQuery(measurementsOf(b.id))];
  const [ofA, ofB] = queries.map(({ data }) => data);
  const failed = queries.find(({ isError }) => isError);
  const latencies = ofA && ofB ? latencyRows(ofA, ofB) : [];
  const rows = [...costRows(a, b), ...latencies, ...qualityRows(a, b, names)];
  return (
    <section className="plate">
      <header>
        <h2>Costs and quality</h2>
      </header>
      <table className={styles.table}>
        <thead>
          <tr>
            <th scope="col">
              <span className="sr">Figure</span>
            </th>
            <Head side="A" architecture={a} />
            <Head side="B" architecture={b} />
            <th scope="col">Difference, B to A</th>
            <th scope="col">Better</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <FigureRow key={`${row.title} ${row.note ?? ""}`} row={row} />
          ))}
        </tbody>
      </table>
      {failed && (
        <Failed
          what="The measured latencies"
          error={failed.error}
          retry={() => void Promise.all(queries.map(({ refetch }) => refetch()))}
        />
      )}
      {!failed && !(ofA && ofB) && <Loading>Loading the measured latencies…</Loading>}
      {ofA && ofB && latencies.length === 0 && (
        <p className={clsx("sub", styles.below)}>
          Neither has a measured latency. It is measured on the page of an architecture.
        </p>
      )}
    </section>
  );
}

function Head({ side, architecture }: { side: "A" | "B"; architecture: ArchitectureDetail }) {
  return (
    <th scope="col" className={styles.side}>
      <b>{side}</b> <Link to={pageOfEntry("architectures", architecture.id)}>{architecture.name}</Link>
      {architecture.kind !== "found" && (
        <>
          {" "}
          <span className="tag">{architecture.kind}</span>
        </>
      )}
    </th>
  );
}

function FigureRow({ row: { title, note, term, a, b, difference, better } }: { row: Row }) {
  return (
    <tr>
      <th scope="row">
        {term ? <Term name={term}>{title}</Term> : title}
        {note && <span className={styles.note}>{note}</span>}
      </th>
      <Value label="A" figure={a} />
      <Value label="B" figure={b} />
      <td data-label="Difference, B to A">{difference || "–"}</td>
      <td data-label="Better">{better}</td>
    </tr>
  );
}

function Value({ label, figure: { text, note } }: { label: string; figure: Figure }) {
  return (
    <td data-label={label}>
      <b>{text}</b>
      {note && <span className={styles.note}>{note}</span>}
    </td>
  );
}
