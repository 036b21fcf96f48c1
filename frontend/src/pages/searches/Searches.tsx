// The page of searches, newest first: status, and costs against the limits.

import { keepPreviousData, useQuery } from "@tanstack/react-query";
import clsx from "clsx";
import { Link, useSearchParams } from "react-router";
import { api, unwrap } from "../../api/client";
import { useDisplayNames } from "../../api/displayNames";
import type { SearchRow } from "../../api/types";
import { LIMITS, limitedValue } from "../../format/costs";
import { formatDateTime } from "../../format/dates";
import { formatInteger, formatQuality } from "../../format/numbers";
import { plural } from "../../format/text";
import { CostBar } from "../../ui/CostBar";
import { Empty, Failed, Loading } from "../../ui/Notice";
import rows from "../../ui/rows.module.css";
import { StatusGlyph } from "../../ui/StatusGlyph";
import { useDocumentTitle } from "../../ui/useDocumentTitle";
import { SearchThumbnail } from "./SearchThumbnail";
import styles from "./searches.module.css";

const PAGE = 20;

export function Component() {
  useDocumentTitle("Searches");
  const [params, setParams] = useSearchParams();
  const page = Math.max(1, Number(params.get("page")) || 1);
  const { data, error, refetch } = useQuery({
    queryKey: ["searches", page],
    queryFn: () => unwrap(api.GET("/api/searches", { params: { query: { page, page_size: PAGE } } })),
    placeholderData: keepPreviousData,
    // Poll while searches run; the page of a search has a socket.
    refetchInterval: (query) => (query.state.data?.results.some(isMoving) ? 5_000 : 30_000),
  });
  const turn = (to: number) => setParams(to === 1 ? {} : { page: String(to) });
  return (
    <>
      <header className="page-head">
        <h1>Searches</h1>
        {data && (
          <span className="sub">{data.count > 0 ? plural(data.count, "search", "searches") : ""}</span>
        )}
        <div className="end">
          <Link className="btn solid" to="/searches/new">
            New search
          </Link>
        </div>
      </header>
      {error && !data && <Failed what="The list of searches" error={error} retry={() => void refetch()} />}
      {!data && !error && <Loading>Loading searches…</Loading>}
      {data?.count === 0 && (
        <Empty>
          No searches yet. A search changes a cell step by step and keeps the best one that fits your limits.
        </Empty>
      )}
      {data && data.results.length > 0 && (
        <div className={styles.searches}>
          <div className={clsx(rows.row, styles.searchRow, styles.head)} aria-hidden="true">
            <span />
            <span>Name</span>
            <span>Status</span>
            <span className={rows.figure}>Step</span>
            <span className={rows.figure}>Edges</span>
            <span>Cost and limits</span>
            <span className={rows.figure}>Best result</span>
          </div>
          <ul aria-label="Searches">
            {data.results.map((row) => (
              <Row key={row.id} row={row} />
            ))}
          </ul>
        </div>
      )}
      {data && (data.previous || data.next) && (
        <nav className={styles.pager} aria-label="Pages">
          <button type="button" className="btn" disabled={!data.previous} onClick={() => turn(page - 1)}>
            Newer
          </button>
          <span className="sub">
            Page {formatInteger(page)} of {formatInteger(Math.max(page, Math.ceil(data.count / PAGE)))}
          </span>
          <button type="button" className="btn" disabled={!data.next} onClick={() => turn(page + 1)}>
            Older
          </button>
        </nav>
      )}
    </>
  );
}

function Row({ row }: { row: SearchRow }) {
  const names = useDisplayNames();
  return (
    <li className={clsx(rows.row, styles.searchRow)}>
      <SearchThumbnail search={row.id} seq={row.seq} />
      <div className={clsx(rows.name, styles.name)}>
        <Link to={`/searches/${row.id}`}>{row.name}</Link>
        <span className="sub">
          {names.dataset(row.dataset)} · {formatDateTime(row.created_at)} · {row.owner?.name}
        </span>
      </div>
      <span className={styles.status}>
        <StatusGlyph status={row.status} size={16} />
        {row.status.charAt(0).toUpperCase() + row.status.slice(1)}
      </span>
      <span className={clsx(rows.figure, styles.figure)} data-name="Step">
        {row.step}
      </span>
      <span className={clsx(rows.figure, styles.figure)} data-name="Edges">
        {row.edges}
      </span>
      <Limits row={row} />
      <span
        className={clsx(rows.figure, styles.figure, styles.best)}
        data-name={row.metric === "perplexity" ? "Best perplexity" : "Best accuracy"}
        title={row.best_quality === null ? "No result yet" : undefined}
      >
        {formatQuality(row.best_quality, row.metric)}{" "}
        {row.metric === "perplexity" && row.best_quality !== null && <span className="sub">perplexity</span>}
      </span>
    </li>
  );
}

/** One thin bar per limit, on a scale that ends at the limit or at the cost. */
function Limits({ row }: { row: SearchRow }) {
  const limited = LIMITS.filter(({ key }) => typeof row.budget[key] === "number");
  if (limited.length === 0) return <span className={clsx("sub", styles.limits)}>no limits</span>;
  return (
    <div className={styles.limits}>
      {limited.map(({ key, name, inline, show }) => {
        const limit = row.budget[key] ?? 0;
        const value = row.cost && limitedValue(row.cost, key);
        const words = value === null ? `limit ${show(limit)}` : `${show(value)}, limit ${show(limit)}`;
        return (
          <div key={key} title={`${name}: ${words}`}>
            <span className="sub">{inline}</span>
            <CostBar value={value} full={limit * 1.5} limit={limit} thin />
            <span className="sr">{words}</span>
          </div>
        );
      })}
    </div>
  );
}

function isMoving(row: SearchRow): boolean {
  return row.status === "running" || row.status === "queued";
}
