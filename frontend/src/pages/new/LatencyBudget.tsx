// A limit on latency: milliseconds and the measuring device. It has no bar, because latencies are unknown before the
// search measures them.
import { type CostDefinition, formatForField, LIMITS, type LimitKey } from "../../format/costs";
import { DeviceSelect } from "../../ui/DeviceSelect";
import { FieldError, NumberBox } from "../../ui/forms/Fields";

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
    <div className="budget">
      <label htmlFor="limit-latency" title={LATENCY.definition}>
        {LATENCY.name}
        <small>median, batch 1</small>
      </label>
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
      <div className="measured-on">
        <label htmlFor="limit-device">Measured on</label>
        <DeviceSelect id="limit-device" device={device} onDevice={onDevice} />
        <p className="help" id="limit-latency-help">
          Measured in the search, before anything is trained; never guessed.
        </p>
      </div>
      {error && <FieldError id="limit-latency-error">{error}</FieldError>}
    </div>
  );
}
