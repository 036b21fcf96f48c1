// Says that the session has ended. The page stays, so the sign-in page opens in another tab.
import { useQueryClient } from "@tanstack/react-query";
import { useSession } from "../api/session";
import { SignInLink } from "../ui/SignInLink";

export function SignedOut() {
  const ended = useSession((session) => session.ended);
  const queries = useQueryClient();
  if (!ended) return null;
  return (
    <div className="banner" data-kind="error" role="alert">
      <p>
        <b>You are signed out.</b> This page stays as it is until you have signed in again. <SignInLink />
      </p>
      <button
        type="button"
        className="btn small"
        onClick={() => void queries.refetchQueries({ queryKey: ["me"] })}
      >
        I have signed in
      </button>
    </div>
  );
}
