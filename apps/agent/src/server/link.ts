import {
  type CallAnswer,
  type CallInput,
  createClient,
  ENDPOINTS,
  type EndpointName,
  FlashlineError,
  PROTOCOL,
  PROTOCOL_HEADER,
  RefusedError,
  UPDATE_PART,
  VERSION_HEADER,
  whyUnreachable,
} from "@flashline/contract";
import { ZodError } from "zod";
import { linkSignals } from "../signals.ts";
import { AGENT_VERSION } from "../version.ts";

const TIMEOUT_MS = 10_000;
const IMAGE_TIMEOUT_MS = 60_000;

export interface CallOptions {
  /** Default 10 000. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
  /** Of this request alone. */
  readonly headers?: Readonly<Record<string, string>>;
}

/**
 * The server as this station reaches it. Every call rejects with {@link RefusedError} when the server refuses, with
 * FlashlineError `agent.offline` when it cannot be reached, `protocol.unsupported` when its answer is not understood.
 */
export interface ServerLink {
  call<N extends EndpointName>(
    name: N,
    input: CallInput<N>,
    options?: CallOptions,
  ): Promise<CallAnswer<N>>;
  /** An image's bytes, unchecked, at most `maxBytes`. */
  image(sha256: string, maxBytes: number, signal?: AbortSignal): Promise<Uint8Array>;
  /** A piece of an update's bundle from a byte on, unchecked. */
  updatePart(sha256: string, offset: number, signal?: AbortSignal): Promise<Uint8Array>;
  /** Whether the last call reached the server. */
  readonly connected: boolean;
}

export interface ServerLinkOptions {
  readonly baseUrl: string;
  /** None while enrolling. */
  readonly credential?: string;
  readonly onChange?: (connected: boolean) => void;
}

export function serverLink(options: ServerLinkOptions): ServerLink {
  const headers = (): Record<string, string> => ({
    [PROTOCOL_HEADER]: String(PROTOCOL),
    [VERSION_HEADER]: AGENT_VERSION,
    ...(options.credential === undefined ? {} : { authorization: `Bearer ${options.credential}` }),
  });
  const client = createClient<AbortSignal>({ baseUrl: options.baseUrl, fetch, headers });
  let connected = false;
  const seen = (now: boolean): void => {
    if (now === connected) return;
    connected = now;
    options.onChange?.(now);
  };

  async function reaching<T>(
    work: (signal: AbortSignal) => Promise<T>,
    timeoutMs: number,
    signal?: AbortSignal,
  ): Promise<T> {
    const limited = linkSignals([signal], timeoutMs);
    try {
      const answer = await work(limited.signal);
      seen(true);
      return answer;
    } catch (error) {
      const failure = failureOf(error);
      // An aborted call says nothing about the server.
      if (signal?.aborted !== true) {
        seen(!(failure instanceof FlashlineError && failure.code === "agent.offline"));
      }
      throw failure;
    } finally {
      limited.release();
    }
  }

  const bytesOf = (path: string, maxBytes: number, signal?: AbortSignal): Promise<Uint8Array> =>
    reaching(
      async (limited) => {
        const answer = await fetch(`${options.baseUrl}${path}`, {
          headers: headers(),
          signal: limited,
        });
        if (!answer.ok || answer.body === null) {
          throw new FlashlineError(
            "agent.image_unavailable",
            `The server answered ${answer.status} for ${path}.`,
          );
        }
        return await bodyOf(answer.body, maxBytes);
      },
      IMAGE_TIMEOUT_MS,
      signal,
    );

  return {
    get connected() {
      return connected;
    },
    call: (name, input, { timeoutMs = TIMEOUT_MS, signal, headers: own } = {}) =>
      reaching((limited) => client(name, input, limited, own), timeoutMs, signal),
    image: (sha256, maxBytes, signal) =>
      bytesOf(ENDPOINTS.image.path.replace(":sha256", sha256), maxBytes, signal),
    updatePart(sha256, offset, signal) {
      const path = ENDPOINTS.updateBundle.path.replace(":sha256", sha256);
      return bytesOf(`${path}?offset=${offset}`, UPDATE_PART, signal);
    },
  };
}

async function bodyOf(body: AsyncIterable<Uint8Array>, maxBytes: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.length;
    if (size > maxBytes) {
      throw new FlashlineError(
        "release.image_digest",
        `The image has more than ${maxBytes} bytes.`,
      );
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

const AWAY = new Set([502, 503, 504]);

/** Whatever went wrong in a call, as an error with a code. */
function failureOf(error: unknown): RefusedError | FlashlineError {
  if (error instanceof FlashlineError) return error;
  if (error instanceof RefusedError && !AWAY.has(error.status)) return error;
  if (error instanceof ZodError || error instanceof SyntaxError) {
    return new FlashlineError("protocol.unsupported", "The server's answer is not understood.", {
      cause: error,
    });
  }
  const reason = error instanceof Error ? whyUnreachable(error) : String(error);
  return new FlashlineError("agent.offline", `The server cannot be reached: ${reason}`, {
    cause: error,
  });
}
