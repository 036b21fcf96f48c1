// Shapes of answers that schema.d.ts does not have yet: devices, what-if, scaling, measurements, and what the engine
// says of protocols, recipes and device profiles.
import type { ConfigField as Field } from "../forms/schema";
import type { Latency } from "../live/events";
import type { components } from "./schema";

type Schemas = components["schemas"];
type Metric = "accuracy" | "perplexity";
type Kind = "image" | "text";
type Id = { path: { id: string } };

export interface Device {
  id: string;
  name: string;
  about: Record<string, unknown>;
  seen_at: string | null;
  created_at: string;
  created_by: string;
}

export interface NewDevice extends Device {
  token: string;
}

export interface Measurement {
  id: string;
  device: { id: string; name: string } | null;
  status: "queued" | "running" | "done" | "failed";
  latency: Latency | null;
  error: string | null;
  created_at: string;
  created_by: string;
}

export type Edit =
  | { kind: "remove_edge" | "add_edge"; edge: string }
  | { kind: "remove_node"; node: number }
  | { kind: "set_op"; node: number; op: string };

export interface Over {
  limit: string;
  value: number;
  allowed: number;
}

export interface WhatIfRequest {
  graph: Schemas["Graph"];
  macro: Record<string, unknown>;
  budget?: Schemas["BudgetRequest"] | null;
  edits: Edit[];
  each: boolean;
}

/** One edit alone, or null with the reason why it cannot be made. */
export interface WhatIfCost {
  edit: number;
  cost: Schemas["Cost"] | null;
  why_not: string | null;
  over: Over[];
  nodes: number[];
  edges: string[];
}

export interface WhatIfAnswer {
  costs?: WhatIfCost[];
  cost?: Schemas["Cost"];
  graph?: Schemas["Graph"];
  over?: Over[];
  fits?: boolean;
}

export interface ScaleRequest {
  family: "published" | "search";
  dataset: string | null;
  resolution: number | null;
  classes: number | null;
  vocabulary: number | null;
  budget: Schemas["BudgetRequest"];
}

export interface ScalePreview {
  macro: Record<string, unknown> | null;
  cost: Schemas["Cost"] | null;
  share: Record<string, number>;
  limited_by: string | null;
  problems: Schemas["Problem"][];
}

export interface DeviceProfile {
  name: string;
  title: string;
  about: string;
  source: string;
  budget: Schemas["BudgetRequest"];
}

export interface NamedRecipe {
  name: string;
  title: string;
  about: string;
  source: string;
  kind: Kind;
  recipe: Record<string, number | string | boolean>;
}

export interface MoreEngine {
  device_profiles?: DeviceProfile[];
  recipes?: NamedRecipe[];
  recipe_schemas?: Record<Kind, Field[]>;
}

export interface MoreSearch {
  metric?: Metric;
}

export interface MoreArchitecture {
  metric?: Metric;
  val_perplexity?: number | null;
  published_perplexity?: number | null;
}

export interface MoreDetail {
  parent?: { id: string; name: string } | null;
  budget?: Schemas["Budget"] | null;
}

export interface MoreModel {
  metric?: Metric;
  val_perplexity?: number | null;
  test_perplexity?: number | null;
}

interface Json<T> {
  headers: { [name: string]: unknown };
  content: { "application/json": T };
}
interface Asks<Body, Parameters> {
  parameters: Parameters;
  requestBody: { content: { "application/json": Body } };
}
interface Gives<T, Status extends number = 200> {
  responses: { [status in Status]: Json<T> };
}

export interface ComingPaths {
  "/api/devices": {
    get: { parameters: object } & Gives<Device[]>;
    post: Asks<{ name: string }, object> & Gives<NewDevice, 201>;
  };
  "/api/devices/{id}": { delete: { parameters: Id } & Gives<never, 204> };
  "/api/what-if": { post: Asks<WhatIfRequest, object> & Gives<WhatIfAnswer> };
  "/api/architectures/{id}/scale/preview": { post: Asks<ScaleRequest, Id> & Gives<ScalePreview> };
  "/api/architectures/{id}/scale": {
    post: Asks<ScaleRequest, Id> & Gives<Schemas["ArchitectureDetail"], 201>;
  };
  "/api/architectures/{id}/measurements": {
    get: { parameters: Id } & Gives<Measurement[]>;
    post: Asks<{ device: string | null }, Id> & Gives<Measurement, 201>;
  };
}
