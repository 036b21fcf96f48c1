// The error page of the router: the message and a button to reload.
import { useRouteError } from "react-router";
import { Failed } from "../ui/Notice";

export function ErrorPage() {
  return <Failed what="This page" error={useRouteError()} retry={() => location.reload()} />;
}
