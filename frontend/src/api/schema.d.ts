// The server's addresses and shapes, in the form that openapi-typescript gives them.
type Json<T> = { headers: { [name: string]: unknown }; content: { "application/json": T } };
type Query<Q> = { query?: Q; header?: never; path?: never; cookie?: never };
type Path<P, Q = never> = { query?: Q; header?: never; path: P; cookie?: never };
type Get<T, P> = { parameters: P; requestBody?: never; responses: { 200: Json<T> } };
type Post<B, T, P, S extends number = 201> = {
  parameters: P;
  requestBody: { content: { "application/json": B } };
  responses: { [K in S]: Json<T> };
};
type S = components["schemas"];

export interface paths {
  "/api/me": { get: Get<S["Me"], Query<never>> };
  "/api/engine": { get: Get<S["Engine"], Query<never>> };
  "/api/datasets": { get: Get<S["Dataset"][], Query<never>> };
  "/api/searches/preview": { post: Post<S["SearchDraft"], S["Preview"], Query<never>, 200> };
  "/api/searches": {
    get: Get<S["PaginatedSearchRowList"], Query<{ page?: number }>>;
    post: Post<S["SearchDraft"], S["SearchDetail"], Query<never>>;
  };
  "/api/searches/{id}": { get: Get<S["SearchDetail"], Path<{ id: string }>> };
  "/api/searches/{id}/events": {
    get: Get<S["EventPage"], Path<{ id: string }, { since?: number; limit?: number }>>;
  };
  "/api/searches/{id}/view": { get: Get<S["StoredView"], Path<{ id: string }>> };
  "/api/searches/{id}/commands": {
    get: Get<S["Command"][], Path<{ id: string }>>;
    post: Post<S["CommandRequest"], S["Command"], Path<{ id: string }>>;
  };
  "/api/architectures": {
    get: Get<
      S["PaginatedArchitectureRowList"],
      Query<{ page?: number; search?: string; ordering?: string }>
    >;
  };
  "/api/architectures/{id}": { get: Get<S["ArchitectureDetail"], Path<{ id: string }>> };
  "/api/architectures/{id}/train": {
    post: Post<S["TrainRequest"], S["TrainedModel"], Path<{ id: string }>>;
  };
  "/api/models/{id}": { get: Get<S["TrainedModel"], Path<{ id: string }>> };
  "/api/models/{id}/commands": {
    post: Post<S["ModelCommandRequest"], S["TrainedModel"], Path<{ id: string }>>;
  };
}

export interface components {
  schemas: {
    Team: { id: string; name: string; slug: string };
    Me: { id: string; email: string; name: string; team: S["Team"]; teams: S["Team"][] };
    PeakMemory: { io: number; live: number; optimal: number | null };
    Cost: { params: number; params_no_bn: number; macs: number; peak_memory: S["PeakMemory"] };
    Budget: {
      params: number | null;
      macs: number | null;
      peak_memory: number | null;
      bytes_per_element: number;
    };
    Graph: {
      nodes: { id: number; op: string; rank: number }[];
      edges: { id: string; source: number; target: number }[];
    };
    CurvePoint: { epoch: number; train_loss: number; val_loss: number; val_accuracy: number };
    Dataset: {
      name: string;
      kind: string;
      shape: number[];
      classes: number;
      counts: { train: number; validation: number; test: number };
      split: string;
      title: string;
      about: string;
    };
    ConfigField: {
      name: string;
      type: "int" | "float" | "choice" | "bool";
      default: number | string | boolean;
      min: number | null;
      max: number | null;
      choices: string[] | null;
      label: string;
      help: string;
      unit: string | null;
    };
    Engine: {
      strategies: {
        name: string;
        title: string;
        about: string;
        spaces: string[];
        schema: S["ConfigField"][];
      }[];
      presets: { name: string; title: string; source: string }[];
      exports: { format: string; title: string }[];
      recipe_schema: S["ConfigField"][];
    };
    SearchDraft: {
      name?: string;
      strategy: string;
      dataset: string;
      budget: S["Budget"];
      seed: number;
      config: { [name: string]: number | string | boolean };
    };
    Preview: {
      dense: S["Cost"];
      smallest: S["Cost"];
      graph: S["Graph"];
      fits: boolean;
      problems: { limit: string; allowed: number; needed: number; detail: string }[];
      evaluations: number;
    };
    SearchRow: {
      id: string;
      name: string;
      status: string;
      strategy: string;
      dataset: string;
      created_at: string;
      created_by: string;
      seq: number;
      step: number;
      edges: number;
      cost: S["Cost"] | null;
      budget: S["Budget"];
      best_quality: number | null;
    };
    SearchDetail: S["SearchRow"] & {
      task: { [key: string]: unknown };
      waiting: string | null;
      error: string | null;
      architecture: string | null;
      view_seq: number;
    };
    PaginatedSearchRowList: {
      count: number;
      next: string | null;
      previous: string | null;
      results: S["SearchRow"][];
    };
    EventPage: { from_seq: number; to_seq: number; events: { [key: string]: unknown }[] };
    StoredView: { seq: number; view: { [key: string]: unknown } };
    CommandRequest: {
      kind: "lock" | "unlock" | "remove" | "stop" | "cancel" | "pause" | "resume";
      edge?: string | null;
      reason?: string;
    };
    Command: {
      id: number;
      kind: string;
      edge: string | null;
      by: string;
      reason: string;
      status: "pending" | "applied" | "refused" | "withdrawn";
      why: string;
      created_at: string;
      decided_at: string | null;
    };
    ArchitectureRow: {
      id: string;
      name: string;
      kind: "found" | "published";
      source: string;
      strategy: string;
      dataset: string;
      nodes: number;
      edges: number;
      cost: S["Cost"];
      val_accuracy: number | null;
      created_at: string;
      search: string | null;
      graph: S["Graph"];
      published_accuracy: number | null;
      trained: number;
    };
    PaginatedArchitectureRowList: {
      count: number;
      next: string | null;
      previous: string | null;
      results: S["ArchitectureRow"][];
    };
    ArchitectureDetail: S["ArchitectureRow"] & {
      macro: { [key: string]: unknown };
      per_node: { node: number | null; name: string; params: number; macs: number; peak: number }[];
      lineage: {
        search: string;
        search_name: string;
        branch: number;
        round: number;
        step: number;
        seq: number;
      } | null;
      models: S["TrainedModel"][];
    };
    TrainRequest: {
      dataset: string;
      seed: number;
      recipe: { [name: string]: number | string | boolean };
    };
    ModelFile: {
      format: "safetensors" | "architecture" | "onnx";
      name: string;
      bytes: number;
      sha256: string;
      check: { max_difference: number; runtime: string; rows: number } | null;
    };
    TrainedModel: {
      id: string;
      architecture: string;
      dataset: string;
      seed: number;
      recipe: { [name: string]: number | string | boolean };
      status: "queued" | "running" | "finished" | "stopped" | "failed";
      curve: S["CurvePoint"][];
      epochs: number;
      best_epoch: number | null;
      val_accuracy: number | null;
      test_accuracy: number | null;
      error: string | null;
      created_at: string;
      created_by: string;
      files: S["ModelFile"][];
    };
    ModelCommandRequest: { kind: "pause" | "resume" | "stop" };
  };
}
