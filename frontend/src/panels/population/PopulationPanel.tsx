// The population of a search that draws whole graphs: who is alive, who is on the front, who descends from whom, and how
// many draws were refused.
import { useMemo, useState } from "react";
import { ancestry } from "../../charts/ancestry";
import { scoreStep } from "../../charts/axis";
import { EmptyChart } from "../../charts/EmptyChart";
import { PopulationChart } from "../../charts/PopulationChart";
import { placeOf, QualityMacs, type QualityPoint } from "../../charts/QualityMacs";
import { hasRelativeScores } from "../../search-view/candidateMetric";
import { describePoint } from "../../search-view/pointText";
import { describeDraws } from "../../search-view/refusedText";
import { Term } from "../../ui/Term";
import { explainNoPoints } from "../selection/noPoints";
import type { PanelProps } from "../selection/panelProps";
import { membersOf, type PopulationMember, survivalOf } from "./members";
import styles from "./population.module.css";

const AXES = ["MACs", "Steps"] as const;
type Axis = (typeof AXES)[number];

const DEATHS = {
  youngest: { short: "died of age", text: "died of age" },
  best: { short: "replaced", text: "replaced by better ones" },
} as const;

export function PopulationPanel({ view, moment, points, reading }: PanelProps) {
  const [hovered, setHovered] = useState<string | null>(null);
  const [chosen, setChosen] = useState<string | null>(null);
  const survival = useMemo(() => survivalOf(view.task), [view.task]);
  const [ownAxis, setAxis] = useState<Axis | null>(null);
  const axis = ownAxis ?? (survival === null ? "Steps" : "MACs");
  const { metric } = view;
  const { budget, step } = moment;
  const members = useMemo(
    () => membersOf(points, { metric, survival, budget }),
    [points, metric, survival, budget],
  );
  const death = survival && DEATHS[survival.keeps];
  const tipOf = (mark: string) => {
    const point = points.find(({ id }) => String(id) === mark);
    const isDead = members.some(({ key, alive }) => key === mark && !alive);
    return point ? `${describePoint(point, metric, budget)}${isDead ? `, ${death?.text}` : ""}` : "";
  };
  const born = members.some(({ parents }) => parents.length > 0);
  const drawn = describeDraws(view.draws);
  const shared = {
    metric,
    tipOf,
    focus: hovered ?? chosen,
    onHover: setHovered,
    onPick: (id: string | null) => setChosen(id === chosen ? null : id),
  };
  return (
    <section className="plate" aria-label="Population">
      <header>
        <h2>
          <Term name="population">Population</Term>
        </h2>
        <fieldset className="end seg">
          <legend className="sr">Horizontal axis</legend>
          {AXES.map((each) => (
            <button type="button" key={each} aria-pressed={axis === each} onClick={() => setAxis(each)}>
              {each}
            </button>
          ))}
        </fieldset>
        <span className="sub">
          {describeMarks(axis, death?.short)} Ring: on the <Term name="front">Pareto front</Term>.
          {born && " Select one to see its ancestors"}
        </span>
      </header>
      {members.length === 0 ? (
        <EmptyChart>
          {explainNoPoints(moment, reading, "Members appear when the first candidates have results.")}
        </EmptyChart>
      ) : axis === "Steps" ? (
        <PopulationChart {...shared} members={members} at={step} />
      ) : (
        <MembersByMacs {...shared} members={members} limit={budget?.macs ?? null} />
      )}
      {(drawn || hasRelativeScores(view.task)) && (
        <p className={styles.notes}>
          {drawn && `${drawn}. `}
          {hasRelativeScores(view.task) && "Alive by the score that each had in its step."}
        </p>
      )}
    </section>
  );
}

function describeMarks(axis: Axis, why: string | undefined): string {
  if (axis === "MACs") return why ? `Lighter: newer. Small: ${why}.` : "Lighter: newer.";
  return why ? `Green: alive. Grey: ${why}.` : "Dots: graphs drawn.";
}

interface MembersByMacsProps extends Pick<Parameters<typeof QualityMacs>[0], "metric" | "tipOf" | "limit"> {
  members: readonly PopulationMember[];
  focus: string | null;
  onHover: (id: string | null) => void;
  onPick: (id: string | null) => void;
}

function MembersByMacs({ members, focus, ...chart }: MembersByMacsProps) {
  const points = useMemo(() => colouredByStep(members), [members]);
  const family = useMemo(() => ancestry(members, focus, placeOf), [members, focus]);
  const alive = members.filter((member) => member.alive).length;
  return (
    <QualityMacs
      {...chart}
      points={points}
      what={`${members.length} members, ${alive} of them alive`}
      family={family}
      focus={focus}
      path={[]}
      dense={null}
    />
  );
}

/** Members are drawn from the oldest to the newest step. */
function colouredByStep(members: readonly PopulationMember[]): QualityPoint[] {
  const first = members[0]?.step ?? 0;
  const span = Math.max(1, (members.at(-1)?.step ?? 0) - first);
  return members.map(({ key, macs, quality, step, alive }) => ({
    key,
    id: key,
    macs,
    quality,
    look: alive ? scoreStep((step - first) / span) : "dead",
  }));
}
