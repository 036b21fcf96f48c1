// The columns of the catalog by proxy: costs, the accuracy after training, and a column for each proxy.
import type { ArchitectureRow, Engine, ProxyRank } from "../../api/types";
import { COSTS } from "../../format/costs";
import { formatDay } from "../../format/dates";
import { formatPercent, formatQuality } from "../../format/numbers";
import { ascending, descending } from "../../ui/lists/address";
import { dateColumn } from "../../ui/lists/columns";
import type { Column, TableDefinition } from "../../ui/lists/EntryTable";
import { costColumns, PUBLISHED } from "./columns";

/** The title of a proxy; its name until the engine is loaded. */
export function proxyTitle(engine: Engine | undefined, name: string): string {
  return engine?.proxies.find((each) => each.name === name)?.title ?? name;
}

export function proxyTable(
  rows: readonly ArchitectureRow[],
  ranks: readonly ProxyRank[],
  engine: Engine | undefined,
): TableDefinition<ArchitectureRow> {
  return {
    id: (row) => row.id,
    entry: (row) => row,
    fixed: (row) => (row.kind === "published" ? PUBLISHED : null),
    about: (row) => row.kind !== "found" && <span className="tag">{row.kind}</span>,
    nameSort: ascending("name", "Name"),
    wide: true,
    columns: [
      ...costColumns(rows),
      {
        title: "Trained",
        number: true,
        sorts: [descending("trained_accuracy", "Trained")],
        label: () => "Trained accuracy",
        cell: (row) => <b>{formatPercent(row.trained_accuracy)}</b>,
      },
      ...ranks.map(({ proxy }): Column<ArchitectureRow> => {
        // parameters and MACs are costs too; as scores they are those of the network on the dataset
        const title = proxyTitle(engine, proxy);
        const named = COSTS.some(({ name }) => name === title) ? `${title} (score)` : title;
        return {
          title: named,
          number: true,
          sorts: [descending(`score_${proxy}`, named)],
          cell: (row) => formatQuality(row.by_proxy?.[proxy], "proxy"),
        };
      }),
      dateColumn("Added", formatDay),
    ],
  };
}
