// Says that the session has ended, on pages and in dialogs, which nothing outside can be pressed below. The page stays, so
// the sign-in page opens in another tab.
import clsx from "clsx";
import { useSession } from "../api/session";
import styles from "./signedOut.module.css";

export function SignedOut() {
  const ended = useSession((session) => session.ended);
  if (!ended) return null;
  return (
    <div className={clsx("banner", styles.signedOut)} data-kind="error" role="alert">
      <p>
        <b>You are signed out.</b> This page stays as it is, and goes on once you have signed in again.{" "}
        <a href="/accounts/login/?next=/searches" target="_blank" rel="noreferrer">
          Sign in, in another tab
        </a>
      </p>
    </div>
  );
}
