// Scaling, which schema.d.ts does not have yet: a found cell in a network of another size, within a budget.
import type { components } from "./schema";

type Schemas = components["schemas"];
type Id = { path: { id: string } };

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
  "/api/architectures/{id}/scale/preview": { post: Asks<ScaleRequest, Id> & Gives<ScalePreview> };
  "/api/architectures/{id}/scale": {
    post: Asks<ScaleRequest, Id> & Gives<Schemas["ArchitectureDetail"], 201>;
  };
}
