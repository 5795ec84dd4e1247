import { createHash } from "node:crypto";
import http from "node:http";
import https from "node:https";
import { setTimeout as pause } from "node:timers/promises";
import { AwsV4Signer } from "aws4fetch";
import type { S3Place } from "./place.ts";

/** A connection on which nothing moves for this long is given up, milliseconds. */
const SILENCE_MS = 7_000;
/** What failed is tried again until this long after its begin, milliseconds: a store that is away is told of within 10 seconds. */
const AGAIN_MS = 1_500;
const PAUSE_MS = 200;
/** Far above what is kept there: something else stands under the key, and is not read to its end. Bytes. */
const LONGEST = 64 * 1024 * 1024;

/** What is asked of the bucket. */
export interface S3Request {
  readonly method: "GET" | "PUT";
  /** What follows the address of the bucket: "/key", or a query. Keys have letters, digits and `/._-` only. */
  readonly path: string;
  readonly bytes?: Uint8Array;
}

export interface S3Answer {
  readonly status: number;
  readonly body: Buffer;
}

const sha256Of = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

/** Address and headers of a request, signed for this moment or the one given ("20130524T000000Z"). */
export async function signed(
  { bucketUrl, region, accessKeyId, secretAccessKey }: S3Place,
  { method, path, bytes = new Uint8Array() }: S3Request,
  moment?: string,
): Promise<{ readonly url: URL; readonly headers: Headers }> {
  const signer = new AwsV4Signer({
    method,
    url: `${bucketUrl}${path}`,
    // The store holds what arrived against it.
    headers: { "x-amz-content-sha256": sha256Of(bytes) },
    service: "s3",
    region,
    accessKeyId,
    secretAccessKey,
    ...(moment === undefined ? {} : { datetime: moment }),
  });
  return await signer.sign();
}

async function once(
  place: S3Place,
  asked: S3Request,
  agent: http.Agent,
  silenceMs: number,
): Promise<S3Answer> {
  const { method, bytes = new Uint8Array() } = asked;
  const { url, headers } = await signed(place, asked);
  const { request } = url.protocol === "https:" ? https : http;
  return await new Promise((resolve, reject) => {
    const sending = request(url, {
      method,
      agent,
      timeout: silenceMs,
      headers: {
        ...Object.fromEntries(headers.entries()),
        ...(method === "PUT" ? { "content-length": bytes.length } : {}),
      },
    });
    sending.once("timeout", () => {
      sending.destroy(new Error(`No sign of life from ${url.host} for ${silenceMs / 1_000} s`));
    });
    sending.once("error", reject);
    sending.once("response", (answer) => {
      const chunks: Buffer[] = [];
      let length = 0;
      answer.on("data", (chunk: Buffer) => {
        length += chunk.length;
        chunks.push(chunk);
        if (length <= LONGEST) return;
        answer.destroy();
        resolve({ status: answer.statusCode ?? 0, body: Buffer.concat(chunks) });
      });
      answer.once("error", reject);
      answer.once("end", () =>
        resolve({ status: answer.statusCode ?? 0, body: Buffer.concat(chunks) }),
      );
    });
    sending.end(bytes);
  });
}

/** Signed requests to a place's bucket. What may be over in a moment is tried again for a moment; rejects when no answer came. */
export function s3Caller(
  place: S3Place,
  silenceMs = SILENCE_MS,
): (request: S3Request) => Promise<S3Answer> {
  const { Agent } = place.bucketUrl.startsWith("https:") ? https : http;
  const agent = new Agent({ keepAlive: true, maxSockets: 64, timeout: silenceMs });
  return async (request) => {
    const began = performance.now();
    for (;;) {
      const answer = await once(place, request, agent, silenceMs).catch((error: unknown) => {
        if (performance.now() - began > AGAIN_MS) throw error;
        return undefined;
      });
      const busy = answer === undefined || answer.status >= 500 || answer.status === 429;
      if (answer !== undefined && (!busy || performance.now() - began > AGAIN_MS)) return answer;
      await pause(PAUSE_MS);
    }
  };
}
