// A limit on latency: milliseconds and the measuring device. It has no bar, because latency is unknown until the
// search measures it.

import { limitInFull, limitText } from "../../format/costs";
import { DeviceSelect } from "../../ui/DeviceSelect";
import { FieldError, NumberBox } from "../../ui/forms/Fields";
import forms from "../../ui/forms/forms.module.css";
import { Term } from "../../ui/Term";
import styles from "./budgets.module.css";
import { limitWords } from "./formValues";

interface LatencyBudgetProps {
  limit: number | null;
  device: string | null;
  text: string | undefined; // only while the user types
  error: string | undefined;
  onType: (text: string) => void;
  onSettle: () => void;
  onDevice: (device: string | null) => void;
}

const LATENCY = limitWords("latency");

export function LatencyBudget(props: LatencyBudgetProps) {
  const { limit, device, text, error, onType, onSettle, onDevice } = props;
  return (
    <div className={styles.budget}>
      <div>
        <label htmlFor="limit-latency">{LATENCY.name}</label> <Term name="latency" />
        <small>median, batch size 1</small>
      </div>
      <div>
        <NumberBox
          id="limit-latency"
          unit={null}
          value={text ?? limitText(LATENCY, limit)}
          placeholder="no limit"
          onChange={onType}
          onBlur={onSettle}
          aria-describedby={`limit-latency-full limit-latency-help${error ? " limit-latency-error" : ""}`}
          aria-invalid={Boolean(error)}
        />
        <small className={styles.full} id="limit-latency-full">
          {limit !== null && !error && `= ${limitInFull(LATENCY, limit)}`}
        </small>
      </div>
      <div className={styles.measuredOn}>
        <label htmlFor="limit-device">Measured on</label>
        <DeviceSelect id="limit-device" device={device} onDevice={onDevice} />
        <p className={forms.help} id="limit-latency-help">
          Each candidate is timed on the device before it is tested.
        </p>
      </div>
      {error && <FieldError id="limit-latency-error">{error}</FieldError>}
    </div>
  );
}
