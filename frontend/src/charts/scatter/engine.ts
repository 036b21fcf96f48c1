// ECharts with the parts that are used. It is large: only what is loaded lazily may import this.
import { LineChart, ScatterChart } from "echarts/charts";
import { GridComponent } from "echarts/components";
import { type EChartsType, init, use } from "echarts/core";
import { CanvasRenderer } from "echarts/renderers";

use([ScatterChart, LineChart, GridComponent, CanvasRenderer]);

export type Engine = EChartsType;

export function start(host: HTMLElement): Engine {
  return init(host, null, { renderer: "canvas" });
}
