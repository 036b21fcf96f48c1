// The frame around every page: logo, navigation, freshness, user menu.
import { Suspense } from "react";
import { Link, Outlet, ScrollRestoration, useLocation } from "react-router";
import { useCurrentUser } from "../api/currentUser";
import { Loading } from "../ui/Notice";
import { LiveState } from "./LiveState";
import { Logo } from "./Logo";
import "./shell.css";
import { UserMenu } from "./UserMenu";

export function Shell() {
  const { data: me } = useCurrentUser();
  const { pathname } = useLocation();
  const searches = pathname.startsWith("/searches") && pathname !== "/searches/new";
  const catalog = /^\/(catalog|architectures|models)/.test(pathname);
  return (
    <>
      <a className="skip" href="#main">
        Skip to content
      </a>
      <header className="bar">
        <Link className="mark" to="/searches" aria-label="Espalier">
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
            className="roomy"
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
        <div className="end">
          <LiveState />
          {me && <span className="team">{me.team.name}</span>}
          <UserMenu me={me} />
        </div>
      </header>
      <main id="main" className="page" tabIndex={-1}>
        <Suspense fallback={<Loading>Loading the page…</Loading>}>
          <Outlet />
        </Suspense>
      </main>
      <ScrollRestoration />
    </>
  );
}
