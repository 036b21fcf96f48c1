// The page of last resort: says what broke and offers the one thing to do.
import { useRouteError } from "react-router";
import { Failed } from "../ui/Notice";

export function ErrorPage() {
  return <Failed what="This page" error={useRouteError()} retry={() => location.reload()} />;
}
