// The population of a search that draws whole cells: each member by its step and its quality, who is alive, who is on the
// front, and who descends from whom.
import { useMemo, useState } from "react";
import { EmptyChart } from "../../charts/EmptyChart";
import { PopulationChart } from "../../charts/PopulationChart";
import { describePoint } from "../../search-view/pointText";
import { Term } from "../../ui/Term";
import { explainNoPoints } from "../selection/noPoints";
import type { PanelProps } from "../selection/panelProps";
import { membersOf, populationSize } from "./members";

export function PopulationPanel({ view, moment, points, reading }: PanelProps) {
  const [hovered, setHovered] = useState<string | null>(null);
  const [chosen, setChosen] = useState<string | null>(null);
  const size = populationSize(view.task);
  const members = useMemo(
    () => membersOf(points, { metric: view.metric, size }),
    [points, view.metric, size],
  );
  const tipOf = (mark: string) => {
    const point = points.find(({ id }) => String(id) === mark);
    const isDead = members.some(({ key, alive }) => key === mark && !alive);
    return point ? `${describePoint(point, view.metric, moment.budget)}${isDead ? ", died of age" : ""}` : "";
  };
  const born = members.some(({ parents }) => parents.length > 0);
  return (
    <section className="plate" aria-label="Population">
      <header>
        <h2>
          <Term name="population">Population</Term>
        </h2>
        <span className="sub">
          {size === null ? "Dots: cells drawn." : "Green: alive. Grey: died of age."} Ring: on the{" "}
          <Term name="front">Pareto front</Term>.{born && " Select one to see its ancestors"}
        </span>
      </header>
      {members.length === 0 ? (
        <EmptyChart>
          {explainNoPoints(moment, reading, "Members appear when the first candidates are trained.")}
        </EmptyChart>
      ) : (
        <PopulationChart
          metric={view.metric}
          members={members}
          at={moment.step}
          tipOf={tipOf}
          focus={hovered ?? chosen}
          onHover={setHovered}
          onPick={(id) => setChosen(id === chosen ? null : id)}
        />
      )}
    </section>
  );
}
