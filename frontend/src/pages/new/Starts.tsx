// What a search can start from: templates, the latest searches, drafts. Each is a link, so that it can be opened in
// another window.
import { useQuery } from "@tanstack/react-query";
import clsx from "clsx";
import type { ReactNode } from "react";
import { Link } from "react-router";
import { api, unwrap } from "../../api/client";
import { useReadOnly } from "../../api/currentUser";
import { formatDateTime } from "../../format/dates";
import { formatInteger } from "../../format/numbers";
import { DropDown } from "../../ui/DropDown";
import { errorMessage } from "../../ui/Notice";
import { useRetainedFocus } from "../../ui/useRetainedFocus";
import styles from "./starts.module.css";
import { useDeleteDraft, useDrafts } from "./useDrafts";
import { useTemplates } from "./useStart";

const LATEST = 20;

interface StartsProps {
  title: string | null;
  /** the draft that is open: it is left before it is deleted */
  open: string | null;
  onLeave: () => void;
  children: ReactNode;
}

export function Starts({ title, open, onLeave, children }: StartsProps) {
  const templates = useTemplates();
  const searches = useQuery({
    queryKey: ["searches", "latest"],
    queryFn: () => unwrap(api.GET("/api/searches", { params: { query: { page_size: LATEST } } })),
  });
  const past = searches.data?.results ?? [];
  return (
    <div className={styles.starts}>
      <span className="sub">Start from</span>
      <Menu title="a template">
        {(close) =>
          templates.data?.map(({ name, title, about }) => (
            <li key={name}>
              <Link to={`?template=${name}`} onClick={close}>
                <b>{title}</b>
                <span className="sub">{about}</span>
              </Link>
            </li>
          ))
        }
      </Menu>
      <Menu title="an earlier search">
        {(close) => (
          <>
            {past.map(({ id, name, created_at }) => (
              <li key={id}>
                <Link to={`?from=${id}`} onClick={close}>
                  <b>{name}</b>
                  <span className="sub">{formatDateTime(created_at)}</span>
                </Link>
              </li>
            ))}
            {past.length === 0 && <li className="sub">No searches yet.</li>}
          </>
        )}
      </Menu>
      <DraftMenu open={open} onLeave={onLeave} />
      {title && <span className={clsx("tag", styles.title)}>{title}</span>}
      {children}
    </div>
  );
}

function DraftMenu({ open, onLeave }: Pick<StartsProps, "open" | "onLeave">) {
  const drafts = useDrafts();
  const remove = useDeleteDraft();
  const readOnly = useReadOnly();
  const rows = drafts.data ?? [];
  return (
    <Menu title={rows.length > 0 ? `a draft (${formatInteger(rows.length)})` : "a draft"}>
      {(close) => (
        <>
          {rows.map(({ id, name, created_by, updated_at }) => (
            <li key={id} className={styles.draft}>
              <Link to={`?draft=${id}`} onClick={close}>
                <b>{name}</b>
                <span className="sub">
                  {created_by}, {formatDateTime(updated_at)}
                </span>
              </Link>
              <button
                type="button"
                className="btn small quiet"
                aria-label={`Delete the draft ${name}`}
                disabled={remove.isPending}
                onClick={() => remove.mutate(id, { onSuccess: () => id === open && onLeave() })}
                {...readOnly}
              >
                Delete
              </button>
            </li>
          ))}
          {rows.length === 0 && <li className="sub">No drafts. “Save as draft” keeps the form as it is.</li>}
          {remove.error && (
            <li className="over" role="alert">
              {errorMessage(remove.error)}
            </li>
          )}
        </>
      )}
    </Menu>
  );
}

interface MenuProps {
  title: string;
  /** the entries; whichever is chosen closes the menu */
  children: (close: () => void) => ReactNode;
}

function Menu({ title, children }: MenuProps) {
  return (
    <DropDown chevron className="small" title={`Start from ${title}`} button={title}>
      {(close) => <Entries>{children(close)}</Entries>}
    </DropDown>
  );
}

/** Keeps the focus when an entry is deleted. */
function Entries({ children }: { children: ReactNode }) {
  const list = useRetainedFocus<HTMLUListElement>();
  return (
    <ul className={styles.menu} ref={list} tabIndex={-1}>
      {children}
    </ul>
  );
}
