// The models trained from an architecture, with their status.
import clsx from "clsx";
import { Link } from "react-router";
import { useReadOnly } from "../../api/currentUser";
import type { TrainedModel } from "../../api/types";
import { formatDateTime } from "../../format/dates";
import { statusWord, summary } from "../../panels/training/trainingStatus";
import styles from "./architecture.module.css";

export function Models({ models, onTrain }: { models: readonly TrainedModel[]; onTrain: () => void }) {
  const readOnly = useReadOnly();
  if (models.length === 0) {
    return (
      <div className={styles.nothing}>
        <p className="q">
          Not trained yet. A full training gives weights, an ONNX file and a result on the test split.
        </p>
        <button type="button" className="btn small" onClick={onTrain} {...readOnly}>
          Train
        </button>
      </div>
    );
  }
  return (
    <ul className={styles.models}>
      {models.map((model) => (
        <li key={model.id} data-status={model.status}>
          <Link to={`/models/${model.id}`}>{model.name}</Link>
          <span className={styles.state}>{statusWord(model.status)}</span>
          <span className={clsx("sub", styles.line)}>{summary(model)}</span>
          <span className={clsx("sub", styles.when)}>
            {model.owner?.name}, {formatDateTime(model.created_at)}
          </span>
        </li>
      ))}
    </ul>
  );
}
