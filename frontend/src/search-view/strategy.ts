// What a search strategy does to the cell, where the words on the pages depend on it.

/** Whether each of its steps cuts one edge; other strategies replace the cell by another one. */
export function cutsEdges(strategy: string): boolean {
  return strategy === "autoshrink";
}
