// The user menu: name, devices, tour, help, theme and sign-out.

import { useEffect, useRef, useState } from "react";
import { Link, useLocation } from "react-router";
import { csrfToken } from "../api/client";
import type { Me } from "../api/types";
import { useStartTour } from "../tour/useTour";
import styles from "./shell.module.css";
import { currentTheme, toggleTheme } from "./theme";

export function UserMenu({ me }: { me: Me | undefined }) {
  const menu = useRef<HTMLDetailsElement>(null);
  const { pathname } = useLocation();
  const startTour = useStartTour();
  const [theme, setTheme] = useState(currentTheme);

  useEffect(() => {
    const close = (event: Event) => {
      const element = menu.current;
      if (!element?.open) return;
      const escaped = event instanceof KeyboardEvent && event.key === "Escape";
      if (escaped) element.querySelector("summary")?.focus();
      if (escaped || (event.type === "pointerdown" && !element.contains(event.target as Node)))
        element.open = false;
    };
    document.addEventListener("pointerdown", close);
    document.addEventListener("keydown", close);
    return () => {
      document.removeEventListener("pointerdown", close);
      document.removeEventListener("keydown", close);
    };
  }, []);

  const name = me ? me.name || me.email : "";
  return (
    <details className={styles.user} ref={menu}>
      <summary aria-label={name ? `Account: ${name}` : "Account"}>
        <span className={styles.initial} aria-hidden="true">
          {(name || "?").charAt(0).toUpperCase()}
        </span>
      </summary>
      <div className={styles.pop}>
        {me && (
          <p>
            <b>{name}</b>
            <span className="sub">{me.team.name}</span>
          </p>
        )}
        <Link
          className="btn quiet"
          to="/devices"
          onClick={() => {
            if (menu.current) menu.current.open = false;
          }}
        >
          Devices
        </Link>
        <button
          type="button"
          className="btn quiet"
          onClick={() => {
            if (menu.current) menu.current.open = false;
            void startTour(pathname);
          }}
        >
          Tour
        </button>
        {/* Pages of the server, not of this application: plain links. */}
        <a className="btn quiet" href="/guides/">
          Guides
        </a>
        <a className="btn quiet" href="/api/docs">
          API reference
        </a>
        <button type="button" className="btn quiet" onClick={() => setTheme(toggleTheme())}>
          {theme === "dark" ? "Light theme" : "Dark theme"}
        </button>
        {/* A form post, because the server ends the session and redirects. */}
        <form
          method="post"
          action="/accounts/logout/"
          onSubmit={(event) => {
            const field = event.currentTarget.elements.namedItem("csrfmiddlewaretoken");
            if (field instanceof HTMLInputElement) field.value = csrfToken();
          }}
        >
          <input type="hidden" name="csrfmiddlewaretoken" defaultValue="" />
          <button type="submit" className="btn quiet">
            Sign out
          </button>
        </form>
      </div>
    </details>
  );
}
