// What differs in the network around the cell.
import type { ArchitectureDetail } from "../../api/types";
import type { Macro } from "../../live/events";
import styles from "./compare.module.css";
import { networkDiff } from "./network";

export function NetworkTable({ a, b }: { a: ArchitectureDetail; b: ArchitectureDetail }) {
  const settings = networkDiff(a.macro as unknown as Macro, b.macro as unknown as Macro);
  return (
    <section className="plate">
      <header>
        <h2>Network around the cell</h2>
      </header>
      {settings.length === 0 ? (
        <p>The same for both.</p>
      ) : (
        <table className={styles.table}>
          <caption className="sr">What differs in the network around the cell</caption>
          <thead>
            <tr>
              <th scope="col">
                <span className="sr">Setting</span>
              </th>
              <th scope="col">A</th>
              <th scope="col">B</th>
            </tr>
          </thead>
          <tbody>
            {settings.map(({ title, a: ofA, b: ofB }) => (
              <tr key={title}>
                <th scope="row">{title}</th>
                <td data-label="A">{ofA}</td>
                <td data-label="B">{ofB}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </section>
  );
}
