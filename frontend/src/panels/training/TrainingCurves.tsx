// Charts of a training's quality and loss.

import type { TrainedModel } from "../../api/types";
import { Curves } from "../../charts/Curves";
import { formatLoss, formatNumber, formatQuality, formatQualityTick } from "../../format/numbers";
import { Term } from "../../ui/Term";
import styles from "./trainingCurves.module.css";
import { figuresOf, pointAt } from "./trainingStatus";

export function QualityCurve({ model }: { model: TrainedModel }) {
  const { metric } = figuresOf(model);
  const values = model.curve.map((point) => pointAt(point, metric) ?? 0);
  return (
    <Curves
      label={`Validation ${metric} by epoch, ${model.curve.length} of ${model.epochs} epochs`}
      lines={[{ name: "validation", kind: "main", values }]}
      epochs={model.epochs}
      best={model.best_epoch}
      show={(value) => formatQuality(value, metric)}
      showTick={(value) => formatQualityTick(value, metric)}
    />
  );
}

export function LossCurve({ model }: { model: TrainedModel }) {
  return (
    <Curves
      label={`Loss by epoch, training and validation, ${model.curve.length} of ${model.epochs} epochs`}
      lines={[
        { name: "validation", kind: "main", values: model.curve.map((point) => point.val_loss) },
        { name: "training", kind: "second", values: model.curve.map((point) => point.train_loss) },
      ]}
      epochs={model.epochs}
      best={model.best_epoch}
      show={formatLoss}
      showTick={formatNumber}
    />
  );
}

export function EpochTable({ model }: { model: TrainedModel }) {
  const { metric } = figuresOf(model);
  return (
    <details className={styles.epochs}>
      <summary>Show as a table</summary>
      <table className={styles.table}>
        <thead>
          <tr>
            <th scope="col">
              <Term name="epoch">Epoch</Term>
            </th>
            <th scope="col" className={styles.n}>
              Training loss
            </th>
            <th scope="col" className={styles.n}>
              Validation loss
            </th>
            <th scope="col" className={styles.n}>
              Validation {metric}
            </th>
          </tr>
        </thead>
        <tbody>
          {model.curve.map((point) => (
            <tr key={point.epoch}>
              <th scope="row">
                {point.epoch}
                {point.epoch === model.best_epoch && <span className="ok"> best</span>}
              </th>
              <td className={styles.n}>{formatLoss(point.train_loss)}</td>
              <td className={styles.n}>{formatLoss(point.val_loss)}</td>
              <td className={styles.n}>{formatQuality(pointAt(point, metric), metric)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </details>
  );
}
