// Chooses where latency is measured: this server's workers or a device of the team.
import { describeLastSeen, useDevices } from "../api/devices";

interface DeviceSelectProps {
  id: string;
  device: string | null;
  onDevice: (device: string | null) => void;
}

export function DeviceSelect({ id, device, onDevice }: DeviceSelectProps) {
  const devices = useDevices();
  return (
    <select id={id} value={device ?? ""} onChange={(event) => onDevice(event.target.value || null)}>
      <option value="">This server's workers</option>
      {(devices.data ?? []).map((each) => (
        <option key={each.id} value={each.id}>
          {each.name}, {describeLastSeen(each)}
        </option>
      ))}
    </select>
  );
}
