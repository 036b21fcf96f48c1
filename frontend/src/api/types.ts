// Short names for the server's shapes; pages import these, never the schema itself.
import type { MoreArchitecture, MoreDetail, MoreEngine, MoreModel, MoreSearch } from "./coming";
import type { components } from "./schema";

export type {
  Device,
  DeviceProfile,
  Edit,
  Measurement,
  NamedRecipe,
  NewDevice,
  Over,
  ScalePreview,
  ScaleRequest,
  WhatIfAnswer,
  WhatIfCost,
  WhatIfRequest,
} from "./coming";

type Schemas = components["schemas"];

export type Me = Schemas["Me"];
export type Cost = Schemas["Cost"];
export type Budget = Schemas["Budget"];
export type Graph = Schemas["Graph"];
export type CurvePoint = Schemas["CurvePoint"];
export type Dataset = Schemas["Dataset"];
export type DatasetDetail = Schemas["DatasetDetail"];
export type Upload = Schemas["Upload"];
export type ConfigField = Schemas["ConfigField"];
export type Strategy = Schemas["Strategy"];
export type Space = Schemas["Space"];
export type Engine = Schemas["Engine"] & MoreEngine;
export type SearchDraft = Schemas["SearchDraft"];
export type Preview = Schemas["Preview"];
export type SearchRow = Schemas["SearchRow"] & MoreSearch;
export type SearchDetail = Schemas["SearchDetail"] & MoreSearch;
export type Command = Schemas["Command"];
export type CommandRequest = Schemas["CommandRequest"];
export type ArchitectureRow = Schemas["ArchitectureRow"] & MoreArchitecture;
export type ArchitectureDetail = Schemas["ArchitectureDetail"] &
  MoreArchitecture &
  MoreDetail & { models: readonly TrainedModel[] };
export type TrainedModel = Schemas["TrainedModel"] & MoreModel;
export type ModelFile = Schemas["ModelFile"];
