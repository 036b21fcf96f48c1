// The document's title.
import { useEffect } from "react";

export function useDocumentTitle(title: string): void {
  useEffect(() => {
    document.title = `${title} · Espalier`;
    return () => {
      document.title = "Espalier";
    };
  }, [title]);
}
