// The head of the catalog's pages, with the links between its lists.
import type { ReactNode } from "react";
import { Link } from "react-router";
import styles from "./catalog.module.css";

const LISTS = [
  { key: "architectures", path: "/catalog", title: "Architectures" },
  { key: "proxies", path: "/catalog/proxies", title: "By proxy" },
  { key: "models", path: "/catalog/models", title: "Models" },
] as const;

export function CatalogHead({ at, children }: { at: (typeof LISTS)[number]["key"]; children: ReactNode }) {
  return (
    <header className="page-head">
      <h1>Catalog</h1>
      <nav className={styles.lists} aria-label="Lists of the catalog">
        {LISTS.map(({ key, path, title }) => (
          <Link key={key} to={path} aria-current={key === at ? "page" : undefined}>
            {title}
          </Link>
        ))}
      </nav>
      {children}
    </header>
  );
}
