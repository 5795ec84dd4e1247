import { ErrorBody, type NestChange } from "@flashline/contract";

/** The server has to take it too. Milliseconds. */
const PATIENCE_MS = 15_000;

/** Null when the change was made; otherwise the code that it was refused with, or "none" without an answer. */
export async function changeNests(change: NestChange): Promise<string | null> {
  try {
    const answer = await fetch("/api/nests", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(change),
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    if (answer.ok) return null;
    return ErrorBody.safeParse(await answer.json()).data?.code ?? "none";
  } catch {
    return "none";
  }
}
