// The page of devices: the team's measuring machines, when each was last seen, and the form for another.

import { useQueryClient } from "@tanstack/react-query";
import clsx from "clsx";
import { type FormEvent, useState } from "react";
import { ApiError, api, unwrap } from "../../api/client";
import { useReadOnly } from "../../api/currentUser";
import { describeLastSeen, useDevices } from "../../api/devices";
import { useLimits } from "../../api/engine";
import { useMutation } from "../../api/mutations";
import type { Device, NewDevice } from "../../api/types";
import { formatDateTime } from "../../format/dates";
import { plural } from "../../format/text";
import { ConfirmDialog } from "../../ui/ConfirmDialog";
import { CopyableCommand } from "../../ui/CopyableCommand";
import { FieldError } from "../../ui/forms/Fields";
import { Empty, errorMessage, Failed, Loading } from "../../ui/Notice";
import rows from "../../ui/rows.module.css";
import { Term } from "../../ui/Term";
import { useDocumentTitle } from "../../ui/useDocumentTitle";
import styles from "./devices.module.css";

export function Component() {
  useDocumentTitle("Devices");
  const devices = useDevices({ watched: true });
  const [made, setMade] = useState<NewDevice | null>(null);
  return (
    <>
      <header className="page-head">
        <h1>Devices</h1>
        {devices.data && <span className="sub">{plural(devices.data.length, "device")}</span>}
      </header>
      <div className={styles.devicesPage}>
        <div className={styles.main}>
          {made && <Token device={made} onDone={() => setMade(null)} />}
          {devices.data ? (
            <List devices={devices.data} />
          ) : devices.isError ? (
            <Failed what="The list of devices" error={devices.error} retry={() => void devices.refetch()} />
          ) : (
            <Loading>Loading devices…</Loading>
          )}
        </div>
        <aside aria-label="Add a device">
          <section className="plate">
            <header>
              <h2>Add a device</h2>
            </header>
            <Add onMade={setMade} />
          </section>
          <section className="plate">
            <header>
              <h2>About devices</h2>
            </header>
            <p className="q">
              A device measures the <Term name="latency">latency</Term> of networks. It runs a small agent
              that asks this server for work; its token gives access to nothing else. Searches can use its
              measurements as a latency limit.
            </p>
          </section>
        </aside>
      </div>
    </>
  );
}

function List({ devices }: { devices: readonly Device[] }) {
  if (devices.length === 0) {
    return (
      <Empty>No devices yet. Latency can be measured on this server's workers, which need no token.</Empty>
    );
  }
  return (
    <ul aria-label="Devices">
      {devices.map((device) => (
        <Row key={device.id} device={device} />
      ))}
    </ul>
  );
}

function Row({ device }: { device: Device }) {
  const { name, about, created_by, created_at } = device;
  return (
    <li className={clsx(rows.row, styles.deviceRow)}>
      <div className={rows.name}>
        <b>{name}</b>
        <span className="sub">
          {created_by}, {formatDateTime(created_at)}
        </span>
      </div>
      <span className={clsx("q", styles.aboutIt)}>{describeAgent(about)}</span>
      <span className={isHere(device) ? "ok" : "q"}>{describeLastSeen(device)}</span>
      <Retire device={device} />
    </li>
  );
}

/** What the agent reported: processor, system, runtime. */
export function describeAgent(about: Device["about"]): string {
  const words = Object.values(about).filter(
    (value) => typeof value === "string" || typeof value === "number",
  );
  return words.join(", ") || "No agent has reported yet";
}

const HERE_MS = 60_000; // agents poll every few seconds

function isHere({ seen_at }: Device): boolean {
  return seen_at !== null && Date.now() - Date.parse(seen_at) < HERE_MS;
}

function Retire({ device }: { device: Device }) {
  const [confirming, setConfirming] = useState(false);
  const readOnly = useReadOnly();
  const queries = useQueryClient();
  const retire = useMutation({
    mutationFn: async () => {
      const params = { path: { id: device.id } };
      const { error, response } = await api.DELETE("/api/devices/{id}", { params });
      await unwrap(Promise.resolve({ data: true, error, response }));
    },
    onSettled: () => queries.invalidateQueries({ queryKey: ["devices"] }),
  });
  return (
    <span className={styles.end}>
      <button
        type="button"
        className="btn small"
        aria-label={`Retire ${device.name}`}
        disabled={retire.isPending}
        onClick={() => setConfirming(true)}
        {...readOnly}
      >
        Retire
      </button>
      {retire.isError && (
        <span className="over" role="alert">
          {errorMessage(retire.error)}
        </span>
      )}
      <ConfirmDialog
        open={confirming}
        title={`Retire ${device.name}?`}
        yes="Retire"
        no="Cancel"
        onAnswer={(yes) => {
          setConfirming(false);
          if (yes) retire.mutate();
        }}
      >
        The token stops working and pending measurements fail. Past measurements stay. To use the device
        again, add it again.
      </ConfirmDialog>
    </span>
  );
}

function Add({ onMade }: { onMade: (device: NewDevice) => void }) {
  const limits = useLimits();
  const [name, setName] = useState("");
  const readOnly = useReadOnly();
  const queries = useQueryClient();
  const add = useMutation({
    mutationFn: () => unwrap(api.POST("/api/devices", { body: { name: name.trim() } })),
    onSuccess: async (device) => {
      onMade(device);
      setName("");
      await queries.invalidateQueries({ queryKey: ["devices"] });
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (name.trim() !== "") add.mutate();
  };
  const about = add.error instanceof ApiError ? add.error.message : add.error && errorMessage(add.error);
  return (
    <form className={styles.addDevice} onSubmit={submit} noValidate>
      <label htmlFor="device-name">Name</label>
      <input
        id="device-name"
        type="text"
        maxLength={limits?.device_name}
        autoComplete="off"
        placeholder="Bench board 2"
        value={name}
        onChange={(event) => {
          add.reset();
          setName(event.target.value);
        }}
        aria-invalid={Boolean(about)}
        aria-describedby={about ? "device-name-error" : undefined}
      />
      {about && <FieldError id="device-name-error">{about}</FieldError>}
      <button
        type="submit"
        className="btn solid"
        disabled={add.isPending || name.trim() === ""}
        {...readOnly}
      >
        {add.isPending ? "Adding…" : "Add"}
      </button>
    </form>
  );
}

/** The token comes from the environment: the list of processes shows the words of a command to everybody. */
export function commandFor(origin: string): string {
  return [
    "read -rs ESPALIER_TOKEN && export ESPALIER_TOKEN  # paste the token, press Enter",
    `.venv/bin/python -m search agent --url ${origin}`,
  ].join("\n");
}

/** Shown once: the server stores only its hash. */
function Token({ device, onDone }: { device: NewDevice; onDone: () => void }) {
  return (
    <section className={clsx("plate", styles.newToken)} role="status" aria-label={`Token of ${device.name}`}>
      <header>
        <h2>Connect {device.name}</h2>
      </header>
      <p>
        <b>The token is shown only once.</b> If you lose it, add the device again.
      </p>
      <CopyableCommand title="Token" text={device.token} />
      <p>
        Install the agent on the device, as <a href="/guides/devices">the guide on devices</a> shows, and
        start it there:
      </p>
      <CopyableCommand title="Commands for the device" text={commandFor(location.origin)} />
      <button type="button" className="btn small" onClick={onDone}>
        Done
      </button>
    </section>
  );
}
