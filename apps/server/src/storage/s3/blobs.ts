import { createHash } from "node:crypto";
import { readFile, rm } from "node:fs/promises";
import { makeFolder } from "@flashline/durable-files";
import { type BlobStore, BlobsUnavailable, blobPath } from "../blobs.ts";
import { FOLDER_MODE, receive } from "../incoming.ts";
import type { S3Place } from "./place.ts";
import { codeIn, refusalFrom } from "./refusal.ts";
import { type S3Answer, type S3Request, s3Caller } from "./request.ts";

/** Blobs as objects `prefix/ab/ab12…` of a bucket. Uploads come in as files of the folder `incoming`. A store that is silent for `silenceMs` is away. */
export function s3Blobs(place: S3Place, incoming: string, silenceMs?: number): BlobStore {
  const call = s3Caller(place, silenceMs);
  async function ask(request: S3Request): Promise<S3Answer> {
    return await call(request).catch((cause: unknown) => {
      const reason = cause instanceof Error ? cause.message : String(cause);
      const message = `The store of images ${place.name} is not reachable: ${reason}.`;
      throw new BlobsUnavailable(message, { away: true, cause });
    });
  }
  const pathOf = (sha256: string) => `/${place.prefix}${blobPath(sha256)}`;
  async function adopt(file: string, sha256: string): Promise<void> {
    const bytes = await readFile(file);
    const answer = await ask({ method: "PUT", path: pathOf(sha256), bytes });
    if (answer.status !== 200) throw refusalFrom(place, answer);
    await rm(file, { force: true });
  }
  return {
    place: place.name,
    adopt,
    async put(bytes, limit) {
      await makeFolder(incoming, FOLDER_MODE);
      return await receive(incoming, bytes, limit, adopt);
    },
    async read(sha256) {
      const answer = await ask({ method: "GET", path: pathOf(sha256) });
      if (answer.status === 404 && codeIn(answer) === "NoSuchKey") return "missing";
      if (answer.status !== 200) throw refusalFrom(place, answer);
      const digest = createHash("sha256").update(answer.body).digest("hex");
      return digest === sha256 ? answer.body : "damaged";
    },
    async ping() {
      const prefix = encodeURIComponent(place.prefix);
      const path = `?list-type=2&max-keys=0&prefix=${prefix}`;
      const answer = await ask({ method: "GET", path });
      if (answer.status !== 200) throw refusalFrom(place, answer);
    },
  };
}
