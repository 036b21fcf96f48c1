// Short names for the server's types; pages import these, not the generated schema.
import type { components, operations } from "./schema";

type Schemas = components["schemas"];

export type CandidateColumns = Required<Schemas["Columns"]>;
export type CandidateField = keyof CandidateColumns;
export type CandidatePage = Schemas["CandidatePage"];
/** A candidate with everything that is known of it. */
export type CandidateDetail = Schemas["Candidate"];
export type CandidateSort = NonNullable<
  NonNullable<operations["search_candidates"]["parameters"]["query"]>["sort"]
>;
export type EventPage = Schemas["EventPage"];
export type SearchSnapshot = Schemas["StoredSnapshot"];
export type Me = Schemas["Me"];
export type Cost = Schemas["Cost"];
export type Budget = Schemas["Budget"];
export type Graph = Schemas["Graph"];
/** The whole network of an architecture. */
export type Network = Schemas["Network"];
export type Operation = Schemas["Operation"];
export type CurvePoint = Schemas["CurvePoint"];
export type Dataset = Schemas["Dataset"];
export type DatasetDetail = Schemas["DatasetDetail"];
export type Upload = Schemas["Upload"];
export type ConfigField = Schemas["ConfigField"];
export type Strategy = Schemas["Strategy"];
export type Space = Schemas["Space"];
export type Evaluator = Schemas["Evaluator"];
export type Protocol = Schemas["Protocol"];
export type Settings = Schemas["Settings"];
export type Engine = Schemas["Engine"];
export type SearchRequest = Schemas["SearchDraft"];
/** A request and how often it is launched, each time with another seed. */
export type Launch = Schemas["Launch"];
/** A form that somebody saved to go on with. */
export type Draft = Schemas["Draft"];
export type SearchTemplate = Schemas["Template"];
export type Estimate = Schemas["Estimate"];
export type Preview = Schemas["Preview"];
export type SearchRow = Schemas["SearchRow"];
export type SearchDetail = Schemas["SearchDetail"];
export type Command = Schemas["Command"];
export type CommandRequest = Schemas["CommandRequest"];
export type ArchitectureRow = Schemas["ArchitectureRow"];
export type ArchitectureDetail = Schemas["ArchitectureDetail"];
export type TrainedModel = Schemas["TrainedModel"];
export type ModelRow = Schemas["ModelRow"];
export type TrainedResult = Schemas["TrainedResult"];
export type Owner = Schemas["Owner"];
export type Entry = Schemas["Entry"];
export type EntryChanges = Schemas["PatchedEntryChanges"];
export type Facet = Schemas["Facet"];
export type Facets = Schemas["Facets"];
export type ModelFile = Schemas["ModelFile"];
export type SearchGroup = Schemas["GroupDetail"];
export type ModelExport = Schemas["ModelExport"];
export type ModelCommand = Schemas["ModelCommandKind"];
export type Device = Schemas["Device"];
export type NewDevice = Schemas["NewDevice"];
export type DeviceProfile = Schemas["DeviceProfile"];
export type Measurement = Schemas["Measurement"];
/** Of an untrained network, by one proxy. */
export type Score = Schemas["Score"];
export type ScoreRequest = Schemas["ScoreRequest"];
export type ScoreTable = Schemas["ScoreTable"];
export type ProxyRank = Schemas["ProxyRank"];
export type WhatIfRequest = Schemas["WhatIfRequest"];
export type WhatIfAnswer = Schemas["WhatIfAnswer"];
export type WhatIfCost = Schemas["WhatIfCost"];
export type Edit = Schemas["Edit"];
export type Over = Schemas["Over"];
export type ScaleRequest = Schemas["ScaleRequest"];
export type ScalePreview = Schemas["ScalePreview"];
