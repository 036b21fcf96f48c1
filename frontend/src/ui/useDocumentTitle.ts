// The page's name in the browser's tab and history.
import { useEffect } from "react";

export function useDocumentTitle(title: string): void {
  useEffect(() => {
    document.title = `${title} · Espalier`;
    return () => {
      document.title = "Espalier";
    };
  }, [title]);
}
