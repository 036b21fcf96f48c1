// A glimpse of a dataset: the first tiles of its contact sheet, or an empty frame where there is none.
import { useState } from "react";

export function sheetOf(name: string): string {
  return `/api/datasets/${encodeURIComponent(name)}/sample`;
}

export function Sheet({ name }: { name: string }) {
  const [missing, setMissing] = useState(false);
  return (
    <span className="sheet">
      {!missing && <img src={sheetOf(name)} alt="" loading="lazy" onError={() => setMissing(true)} />}
    </span>
  );
}
