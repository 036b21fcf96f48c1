// What was trained from this architecture, with where each stands now.
import { Link } from "react-router";
import { useWatching } from "../../api/me";
import { useNames } from "../../api/names";
import type { TrainedModel } from "../../api/types";
import { moment } from "../../format/text";
import { statusWord, summary } from "../../panels/training/status";

export function Models({ models, onTrain }: { models: readonly TrainedModel[]; onTrain: () => void }) {
  const names = useNames();
  const watching = useWatching();
  if (models.length === 0) {
    return (
      <div className="nothing">
        <p className="q">
          Nothing trained yet. A training at full length leaves weights, an ONNX file and a test accuracy.
        </p>
        <button type="button" className="btn small" onClick={onTrain} {...watching}>
          Train it
        </button>
      </div>
    );
  }
  return (
    <ul className="models">
      {models.map((model) => (
        <li key={model.id} className={model.status}>
          <Link to={`/models/${model.id}`}>
            {names.dataset(model.dataset)}, seed {model.seed}
          </Link>
          <span className="state">{statusWord(model.status)}</span>
          <span className="sub line">{summary(model)}</span>
          <span className="sub when">
            {model.created_by}, {moment(model.created_at)}
          </span>
        </li>
      ))}
    </ul>
  );
}
