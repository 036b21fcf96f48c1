// Stands where a chart will be, and says when.
import clsx from "clsx";
import styles from "./charts.module.css";

export function EmptyChart({ children }: { children: string }) {
  return <p className={clsx(styles.empty, "sub")}>{children}</p>;
}
