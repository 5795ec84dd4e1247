import { RefusedError } from "@flashline/contract";

/** "409 job.state" of a call that is refused; "answered" of one that is not, so that a test that expects a refusal fails. */
export function refusal(call: Promise<unknown>): Promise<string> {
  return call.then(
    () => "answered",
    (error: unknown) => {
      if (error instanceof RefusedError) return `${error.status} ${error.refusal.code}`;
      throw error;
    },
  );
}

/** Asks until the answer is right, for what a queue does a moment later. Rejects after `patienceMs`. */
export async function eventually<T>(
  ask: () => Promise<T>,
  right: (answer: T) => boolean,
  patienceMs = 10_000,
): Promise<T> {
  const end = Date.now() + patienceMs;
  for (;;) {
    const answer = await ask();
    if (right(answer) || Date.now() > end) return answer;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
