// Mutations whose refusal for want of a session is forgotten once the user has signed in again: nothing says "signed out" any
// more then.
import {
  type DefaultError,
  type UseMutationOptions,
  type UseMutationResult,
  useMutation as useQueryMutation,
} from "@tanstack/react-query";
import { useEffect } from "react";
import { isSignedOut } from "./client";
import { useSession } from "./session";

export function useMutation<Data = unknown, Variables = void>(
  options: UseMutationOptions<Data, DefaultError, Variables>,
): UseMutationResult<Data, DefaultError, Variables> {
  const mutation = useQueryMutation(options);
  const { error, reset } = mutation;
  const ended = useSession((session) => session.ended);
  useEffect(() => {
    if (!ended && isSignedOut(error)) reset();
  }, [ended, error, reset]);
  return mutation;
}
