// The frame around every page: logo, navigation, freshness, user menu.

import clsx from "clsx";
import { Suspense } from "react";
import { Link, Outlet, ScrollRestoration, useLocation, useNavigation } from "react-router";
import { useCurrentUser, VIEW_ONLY } from "../api/currentUser";
import { useEngine } from "../api/engine";
import { UndoNotices } from "../ui/entries/UndoNotices";
import { Loading } from "../ui/Notice";
import { SignedOut } from "../ui/SignedOut";
import { LiveState } from "./LiveState";
import { Logo } from "./Logo";
import { useConnection } from "./loadPage";
import styles from "./shell.module.css";
import { TourHost } from "./TourHost";
import { UserMenu } from "./UserMenu";

export function Shell() {
  const { data: me } = useCurrentUser();
  useEngine(); // most pages need it: asked for at once, it does not wait for what they load first
  const viewer = me?.may_change === false;
  const { pathname } = useLocation();
  const opening = useNavigation().state === "loading";
  const lost = useConnection((connection) => connection.lost);
  const searches = pathname.startsWith("/searches") && pathname !== "/searches/new";
  const catalog = /^\/(catalog|architectures|models)/.test(pathname);
  return (
    <>
      <a className={styles.skip} href="#main">
        Skip to content
      </a>
      <header className={styles.bar}>
        <Link className={styles.mark} to="/searches" aria-label="Espalier">
          <Logo />
          <span>Espalier</span>
        </Link>
        <nav aria-label="Main">
          <Link to="/searches" aria-current={searches ? "page" : undefined}>
            Searches
          </Link>
          <Link to="/datasets" aria-current={pathname.startsWith("/datasets") ? "page" : undefined}>
            Datasets
          </Link>
          <Link
            className={styles.roomy}
            to="/devices"
            aria-current={pathname.startsWith("/devices") ? "page" : undefined}
          >
            Devices
          </Link>
          <Link to="/catalog" aria-current={catalog ? "page" : undefined}>
            Catalog
          </Link>
          <Link to="/searches/new" aria-current={pathname === "/searches/new" ? "page" : undefined}>
            New search
          </Link>
        </nav>
        <div className={styles.end}>
          <LiveState />
          {me && <span className={styles.team}>{me.team.name}</span>}
          {viewer && <span className={clsx("tag", styles.viewOnly)}>View only</span>}
          <UserMenu me={me} />
        </div>
      </header>
      {/* Where there is no room in the bar, and no pointer to rest on a button that is disabled. */}
      {viewer && <p className={styles.viewer}>{VIEW_ONLY}</p>}
      <SignedOut />
      <main id="main" className={styles.page} tabIndex={-1}>
        {opening && (
          <p className={clsx(styles.opening, !lost && styles.late)} role="status">
            {lost ? "No connection. Trying again…" : "Opening the page…"}
          </p>
        )}
        <Suspense fallback={<Loading>Loading the page…</Loading>}>
          <Outlet />
        </Suspense>
      </main>
      <TourHost me={me} />
      <UndoNotices />
      <ScrollRestoration />
    </>
  );
}
