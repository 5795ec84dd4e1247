import { createClient, RefusedError } from "@flashline/contract";

/** Every call goes to the server that served the page, with the session's cookie. */
export const call = createClient<AbortSignal>({
  baseUrl: "",
  fetch: (url, init) => fetch(url, { ...init, credentials: "same-origin" }),
});

/** What a person is told when a request failed. */
export interface Failure {
  readonly code: string;
  readonly message: string;
  readonly action: string;
  readonly requestId: string | null;
}

export function failureOf(error: unknown): Failure {
  if (error instanceof RefusedError) {
    const { code, message, action, requestId } = error.refusal;
    return { code, message, action, requestId: requestId ?? null };
  }
  if (error instanceof TypeError) {
    return {
      code: "server.unavailable",
      message: "The server cannot be reached from this browser.",
      action: "Check the network. Results at the stations are safe.",
      requestId: null,
    };
  }
  return {
    code: "request.answer",
    message: "The server's answer is not one that this page understands.",
    action: "Reload the page. If it stays, server and page differ in version.",
    requestId: null,
  };
}

/** The address names nothing that the server has. */
export const isMissing = (error: unknown): boolean =>
  error instanceof RefusedError && error.refusal.code === "request.not_found";

export const isLoggedOut = (error: unknown): boolean =>
  error instanceof RefusedError && error.status === 401;
