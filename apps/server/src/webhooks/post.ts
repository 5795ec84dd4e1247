import http from "node:http";
import https from "node:https";
import type { LookupFunction } from "node:net";
import { isIP } from "node:net";
import type { Addresses } from "./address.ts";

/** From the first byte to the end of the answer, milliseconds. */
const LONGEST_MS = 10_000;
/** An answer's body says nothing that is used; one that is longer is cut off. Bytes. */
const MOST_ANSWER = 16 * 1024;

/** What an endpoint said. */
export interface PostAnswer {
  /** Null without an answer. */
  readonly status: number | null;
  /** Why there was none. */
  readonly error: string | null;
  /** What the header `retry-after` asks for, seconds. */
  readonly retryAfterS: number | null;
  readonly ms: number;
}

export interface Poster {
  /** Never rejects. No redirect is followed, and nothing of an answer's body is kept. */
  post(
    url: string,
    headers: Readonly<Record<string, string>>,
    body: Buffer,
    gone: AbortSignal,
  ): Promise<PostAnswer>;
  close(): void;
}

interface Answered {
  readonly status: number;
  readonly retryAfter: string | undefined;
}

function reasonOf(failed: unknown): string {
  // A request that is called off says so; why, its cause says.
  const error = failed instanceof Error && failed.name === "AbortError" ? failed.cause : failed;
  if (!(error instanceof Error)) return String(error);
  if (error.name === "TimeoutError") return `no answer within ${LONGEST_MS / 1_000} seconds`;
  const code = "code" in error ? String(error.code) : "";
  return (error.message === "" ? code : error.message).slice(0, 300);
}

const isStaleSocket = (error: unknown): boolean =>
  error instanceof Error && "code" in error && error.code === "ECONNRESET";

export function poster(allowed: Addresses): Poster {
  // An endpoint gets one message at a time; the connection is kept for the next one.
  const agents = {
    "http:": new http.Agent({ keepAlive: true, timeout: LONGEST_MS }),
    "https:": new https.Agent({ keepAlive: true, timeout: LONGEST_MS }),
  };
  const send = (
    url: URL,
    headers: http.OutgoingHttpHeaders,
    body: Buffer,
    signal: AbortSignal,
    lookup: LookupFunction,
  ): Promise<Answered> =>
    new Promise((done, fail) => {
      const isTls = url.protocol === "https:";
      const agent = agents[isTls ? "https:" : "http:"];
      const options = { method: "POST", headers, agent, signal, lookup };
      let answered: Answered | undefined;
      const request = (isTls ? https : http).request(url, options, (answer) => {
        answered = { status: answer.statusCode ?? 0, retryAfter: answer.headers["retry-after"] };
        const said = answered;
        let size = 0;
        answer.on("data", (chunk: Buffer) => {
          size += chunk.length;
          if (size > MOST_ANSWER) answer.destroy();
        });
        // What was said counts, whatever becomes of the rest.
        answer.on("close", () => done(said));
        answer.on("error", () => undefined);
      });
      // Nobody asked for another protocol, and Node.js tells of this answer in no other way.
      request.on("upgrade", ({ statusCode = 0 }, socket) => {
        socket.destroy();
        done({ status: statusCode, retryAfter: undefined });
      });
      request.on("error", (error) => {
        if (answered !== undefined) return done(answered);
        // The endpoint closed a connection that it had kept, at the moment when it was used again: nothing was said yet.
        if (request.reusedSocket && isStaleSocket(error)) {
          send(url, headers, body, signal, lookup).then(done, fail);
        } else fail(error);
      });
      request.end(body);
    });

  return {
    async post(text, headers, body, gone) {
      const began = performance.now();
      const ms = () => Math.round(performance.now() - began);
      const url = new URL(text);
      const literal = url.hostname.replace(/^\[|\]$/g, "");
      try {
        // An address that is no name is not looked up.
        if (isIP(literal) !== 0 && !allowed.mayCall(literal)) allowed.mustBeUsable(text);
        const signal = AbortSignal.any([gone, AbortSignal.timeout(LONGEST_MS)]);
        const own = {
          ...headers,
          "content-type": "application/json",
          "content-length": body.length,
          "user-agent": "flashline",
        };
        const { status, retryAfter } = await send(url, own, body, signal, allowed.lookup);
        const seconds = Number(retryAfter);
        const retryAfterS = Number.isFinite(seconds) && seconds > 0 ? seconds : null;
        return { status, error: null, retryAfterS, ms: ms() };
      } catch (error) {
        return { status: null, error: reasonOf(error), retryAfterS: null, ms: ms() };
      }
    },
    close() {
      agents["http:"].destroy();
      agents["https:"].destroy();
    },
  };
}
