// Text, filters with counts, and order of a list, above it. Every choice goes to the URL at once.
import { useEffect, useId, useRef, useState } from "react";
import { useDisplayNames } from "../../api/displayNames";
import { useEngine } from "../../api/engine";
import { type Archived, FACETED, FAMILIES, type Faceted, type Family } from "../../api/entries";
import type { Facets } from "../../api/types";
import { formatInteger } from "../../format/numbers";
import { DropDown } from "../DropDown";
import { type Change, CLEAR, type ListAddress, NO_LIMITS, type Sort } from "./address";
import { isLimited, limitsOf, profileOf } from "./device";
import { ARCHIVED, activeFilters, FACETED_WORDS, nameOf, same, valuesOf } from "./filters";
import styles from "./lists.module.css";

interface FilterBarProps {
  family: Family;
  address: ListAddress;
  facets: Facets | undefined;
  sorts: readonly Sort[];
  /** another number: what waits in the text field is dropped */
  field: number;
  onText: (text: string) => void;
  onChange: (change: Change) => void;
}

const TYPING_MS = 250;

export function FilterBar({ family, address, facets, sorts, field, onText, onChange }: FilterBarProps) {
  const names = useDisplayNames();
  const active = activeFilters(address, facets, names);
  return (
    <section className={styles.bar} aria-label={`Filter ${family}`}>
      <TextBox key={field} text={address.text} noun={FAMILIES[family].noun} onText={onText} />
      {FACETED.map((name) => (
        <FacetBox key={name} name={name} address={address} facets={facets} onChange={onChange} />
      ))}
      {family === "architectures" && (
        <DeviceBox limits={address.limits} onChange={(limits) => onChange({ limits })} />
      )}
      <ArchivedBox archived={address.archived} onChange={(archived) => onChange({ archived })} />
      <OrderBox order={address.sort} sorts={sorts} onOrder={(sort) => onChange({ sort })} />
      {active.length > 0 && (
        <ul className={styles.active} aria-label="Active filters">
          {active.map(({ key, words, remove }) => (
            <li key={key}>
              <button type="button" className={styles.chip} onClick={() => onChange(remove)}>
                <span className="sr">Remove the filter </span>
                {words}
                <span aria-hidden="true">×</span>
              </button>
            </li>
          ))}
          <li>
            <button type="button" className="btn quiet small" onClick={() => onChange(CLEAR)}>
              Clear all
            </button>
          </li>
        </ul>
      )}
    </section>
  );
}

type TextBoxProps = Pick<FilterBarProps, "onText"> & { text: string; noun: string };

/** What is typed goes to the URL after a pause; the list follows the URL. */
function TextBox({ text, noun, onText }: TextBoxProps) {
  const [typed, setTyped] = useState<string | null>(null); // null: nothing since the URL was changed from outside
  const sent = useRef<readonly string[]>([]); // what the URL does not have yet
  useEffect(() => {
    const at = sent.current.indexOf(text);
    sent.current = sent.current.slice(at + 1);
    if (at < 0) setTyped(null); // browser navigation
  }, [text]);
  const latest = useRef({ text, onText });
  latest.current = { text, onText };
  useEffect(() => {
    if (typed === null) return;
    const next = typed.trim();
    const timer = setTimeout(() => {
      if (next === (sent.current.at(-1) ?? latest.current.text)) return;
      sent.current = [...sent.current, next];
      latest.current.onText(next);
    }, TYPING_MS);
    return () => clearTimeout(timer);
  }, [typed]);
  return (
    <input
      type="search"
      className={styles.text}
      placeholder={noun === "architecture" ? "Name, notes, tag or source" : "Name, notes or tag"}
      aria-label={`Text in the ${noun}`}
      value={typed ?? text}
      onChange={(event) => setTyped(event.target.value)}
    />
  );
}

type FacetBoxProps = Pick<FilterBarProps, "address" | "facets" | "onChange"> & { name: Faceted };

function FacetBox({ name, address, facets, onChange }: FacetBoxProps) {
  const names = useDisplayNames();
  const values = valuesOf(name, address, facets);
  const chosen = address.chosen[name];
  if (values.length === 0) return null;
  const { title } = FACETED_WORDS[name];
  const toggle = (value: string, on: boolean) => {
    const others = chosen.filter((each) => !same(name, each, value));
    onChange({ chosen: { [name]: on ? [...others, value] : others } });
  };
  return (
    <DropDown
      chevron
      className={styles.facet}
      title={title}
      button={
        <>
          {title}{" "}
          {chosen.length > 0 && (
            <b>
              {formatInteger(chosen.length)}
              <span className="sr"> chosen</span>
            </b>
          )}
        </>
      }
    >
      {values.map((facet) => (
        <label key={facet.value} className={styles.option}>
          <input
            type="checkbox"
            checked={chosen.some((value) => same(name, value, facet.value))}
            onChange={(event) => toggle(facet.value, event.target.checked)}
          />
          <span>{nameOf(name, facet, names)}</span>
          <span className="sub">{formatInteger(facet.count)}</span>
        </label>
      ))}
    </DropDown>
  );
}

function ArchivedBox({ archived, onChange }: { archived: Archived; onChange: (archived: Archived) => void }) {
  return (
    <select
      aria-label="Archived"
      value={archived}
      onChange={(event) => onChange(event.target.value as Archived)}
    >
      {Object.entries(ARCHIVED).map(([value, words]) => (
        <option key={value} value={value}>
          {words}
        </option>
      ))}
    </select>
  );
}

interface DeviceBoxProps {
  limits: ListAddress["limits"];
  onChange: (limits: ListAddress["limits"]) => void;
}

/** Rows that fit the limits of a device profile. The address may have other limits, from a link. */
function DeviceBox({ limits, onChange }: DeviceBoxProps) {
  const profiles = useEngine().data?.device_profiles ?? [];
  const chosen = profileOf(limits, profiles);
  const other = chosen === undefined && isLimited(limits);
  return (
    <select
      aria-label="Fits device"
      value={chosen?.name ?? (other ? "other" : "")}
      onChange={(event) => {
        const profile = profiles.find(({ name }) => name === event.target.value);
        onChange(profile ? limitsOf(profile) : NO_LIMITS);
      }}
    >
      <option value="">Any device</option>
      {other && <option value="other">Other limits</option>}
      {profiles.map(({ name, title }) => (
        <option key={name} value={name}>
          Fits {title}
        </option>
      ))}
    </select>
  );
}

/** The order, where a list has no heads to click on: on narrow screens. */
function OrderBox({
  order,
  sorts,
  onOrder,
}: {
  order: string;
  sorts: readonly Sort[];
  onOrder: (order: string) => void;
}) {
  const id = useId();
  const options = sorts.flatMap(({ column, title, first }) => {
    const both = [
      { value: column, words: `${title} ↑` },
      { value: `-${column}`, words: `${title} ↓` },
    ];
    return first === "ascending" ? both : both.reverse();
  });
  const known = options.some(({ value }) => value === order);
  return (
    <span className={styles.order}>
      <label htmlFor={id} className="sub">
        Order
      </label>
      <select id={id} value={order} onChange={(event) => onOrder(event.target.value)}>
        {!known && <option value={order}>{order}</option>}
        {options.map(({ value, words }) => (
          <option key={value} value={value}>
            {words}
          </option>
        ))}
      </select>
    </span>
  );
}
