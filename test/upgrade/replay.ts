import { setTimeout as pause } from "node:timers/promises";
import type { Exchange } from "./wire.ts";

/** What differs from one answer to the next, or is wording. */
const FREE = new Set(["credential", "setupVersion", "leaseMs", "message", "action", "details"]);

/** Where what is said now lacks what an older agent got, or says something else; a path and both values. */
export function differences(then: unknown, now: unknown, at = "answer"): readonly string[] {
  if (Array.isArray(then)) {
    if (!Array.isArray(now) || now.length !== then.length) return [`${at} has other entries`];
    return then.flatMap((each, k) => differences(each, now[k], `${at}[${k}]`));
  }
  if (typeof then === "object" && then !== null) {
    if (typeof now !== "object" || now === null) return [`${at} is ${JSON.stringify(now)}`];
    const said = new Map<string, unknown>(Object.entries(now));
    return Object.entries(then).flatMap(([name, value]) => {
      if (!said.has(name)) return [`${at}.${name} is missing`];
      const today = said.get(name);
      if (!FREE.has(name)) return differences(value, today, `${at}.${name}`);
      return typeof value === typeof today ? [] : [`${at}.${name} is ${typeof today}`];
    });
  }
  return then === now ? [] : [`${at} was ${JSON.stringify(then)} and is ${JSON.stringify(now)}`];
}

/** How long an answer may take to become what it was: what a queue does a moment later. Milliseconds. */
const PATIENCE_MS = 10_000;
const LOOK_MS = 50;

/** A long poll that ended without a job says nothing of the order of things. */
const isIdle = ({ url, status }: Exchange): boolean => url.endsWith("/acquire") && status !== 200;

async function ask(url: string, said: Exchange, credential: string | undefined) {
  const { method, headers, body, bytes } = said;
  const content = bytes === undefined ? undefined : Buffer.from(bytes, "base64");
  const own = headers["authorization"] === undefined || credential === undefined;
  const answer = await fetch(`${url}${said.url}`, {
    method,
    headers: own ? { ...headers } : { ...headers, authorization: `Bearer ${credential}` },
    body: body === undefined ? (content ?? null) : JSON.stringify(body),
  });
  const text = await answer.text();
  const json = answer.headers.get("content-type")?.startsWith("application/json") === true;
  return { status: answer.status, answer: json ? JSON.parse(text) : undefined };
}

/**
 * Sends a server what an older agent sent, in its order. Rejects at the first answer that is not what that agent got, but for what is
 * {@link FREE}. The credential is what the enrollment gives now.
 */
export async function replay(url: string, exchanges: readonly Exchange[]): Promise<number> {
  let credential: string | undefined;
  let sent = 0;
  for (const said of exchanges) {
    if (isIdle(said)) continue;
    const deadline = performance.now() + PATIENCE_MS;
    for (;;) {
      const now = await ask(url, said, credential);
      const wrong = [
        ...(now.status === said.status ? [] : [`${said.status} is ${now.status}`]),
        ...(said.answer === undefined ? [] : differences(said.answer, now.answer)),
      ];
      if (wrong.length === 0) {
        credential ??= now.answer?.credential;
        break;
      }
      if (performance.now() > deadline) {
        const whole = JSON.stringify(now);
        throw new RangeError(`${said.method} ${said.url}: ${wrong.join("; ")}\n${whole}`);
      }
      await pause(LOOK_MS);
    }
    sent += 1;
  }
  return sent;
}
