// The columns of the list of datasets. Built-in ones come first in any order.
import type { Dataset } from "../../api/types";
import { formatDateTime } from "../../format/dates";
import { plural } from "../../format/text";
import { describeShape, itemName } from "../../ui/dataset/datasetShape";
import { Split, splitTotal } from "../../ui/dataset/Split";
import { ascending, descending } from "../../ui/lists/address";
import { Below } from "../../ui/lists/Below";
import type { TableDefinition } from "../../ui/lists/EntryTable";
import { ContactSheet } from "./ContactSheet";
import styles from "./datasets.module.css";

export const BUILT_IN = "Built-in datasets cannot be changed or deleted.";

export const DATASETS: TableDefinition<Dataset> = {
  id: (row) => row.name,
  entry: ({ title, tags, archived }) => ({ name: title, tags, archived }),
  fixed: (row) => (row.uploaded ? null : BUILT_IN),
  picture: (row) => <ContactSheet name={row.name} kind={row.kind} />,
  about: (row) => describeShape(row),
  nameSort: ascending("name", "Name"),
  columns: [
    {
      title: "Size",
      number: true,
      cell: (row) => (
        <>
          {plural(splitTotal(row.counts), itemName(row))}
          {row.classes !== null && <Below>{plural(row.classes, "class", "classes")}</Below>}
        </>
      ),
    },
    {
      title: "Split",
      spare: 1,
      sorts: [descending("train", "Training split")],
      cell: (row) => <Split counts={row.counts} className={styles.split} />,
    },
    {
      title: "Added",
      sorts: [descending("created_at", "Added")],
      cell: ({ uploaded, owner, created_at }) =>
        uploaded ? (
          <>
            {formatDateTime(created_at)}
            {owner && <Below>{owner.name}</Below>}
          </>
        ) : (
          "Built in"
        ),
    },
  ],
};
