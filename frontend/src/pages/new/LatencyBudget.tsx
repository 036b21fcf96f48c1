// A limit on latency: milliseconds and the measuring device. It has no bar, because latency is unknown until the
// search measures it.

import { type CostDefinition, LIMITS, type LimitKey } from "../../format/costs";
import { formatForField } from "../../format/numbers";
import { DeviceSelect } from "../../ui/DeviceSelect";
import { FieldError, NumberBox } from "../../ui/forms/Fields";
import forms from "../../ui/forms/forms.module.css";
import { Term } from "../../ui/Term";
import styles from "./budgets.module.css";

interface LatencyBudgetProps {
  limit: number | null;
  device: string | null;
  text: string | undefined; // only while the user types
  error: string | undefined;
  onType: (text: string) => void;
  onSettle: () => void;
  onDevice: (device: string | null) => void;
}

const LATENCY = LIMITS.find(({ key }) => key === "latency") as CostDefinition<LimitKey>;
const MS = { sign: "ms", one: 1e3 };

export function LatencyBudget(props: LatencyBudgetProps) {
  const { limit, device, text, error, onType, onSettle, onDevice } = props;
  return (
    <div className={styles.budget}>
      <div>
        <label htmlFor="limit-latency">{LATENCY.name}</label> <Term name="latency" />
        <small>median, batch size 1</small>
      </div>
      <NumberBox
        id="limit-latency"
        unit={MS.sign}
        value={text ?? (limit === null ? "" : formatForField(limit, MS))}
        placeholder="no limit"
        onChange={onType}
        onBlur={onSettle}
        aria-describedby={`limit-latency-help${error ? " limit-latency-error" : ""}`}
        aria-invalid={Boolean(error)}
      />
      <div className={styles.measuredOn}>
        <label htmlFor="limit-device">Measured on</label>
        <DeviceSelect id="limit-device" device={device} onDevice={onDevice} />
        <p className={forms.help} id="limit-latency-help">
          Each candidate is timed on the device before it is trained.
        </p>
      </div>
      {error && <FieldError id="limit-latency-error">{error}</FieldError>}
    </div>
  );
}
