import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { basename } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import type { ReleaseView } from "@flashline/contract";
import { parseImage } from "@flashline/dfu-core/image";
import { type SecretKey, signMinisig } from "@flashline/signing";
import type { Api } from "../api.ts";
import { DemoError } from "../errors.ts";
import { makeDfuFile, UNIT_FIELDS } from "../firmware.ts";

export const VERSION = "1.4.0";

export interface FirmwareFile {
  readonly name: string;
  readonly bytes: Uint8Array;
  /** Undefined where the file carries its addresses. */
  readonly address: number | undefined;
  /** Address of a byte in the middle of the image, where a stuck bit is noticed. */
  readonly middle: number;
  /** Per-unit data; a file of somebody else has no room for the demo's. */
  readonly fields: readonly (typeof UNIT_FIELDS)[number][];
}

/** The given file, or the demo's own; either is read as a real image before anything starts. */
export async function firmwareFile(path: string | undefined): Promise<FirmwareFile> {
  const name = path === undefined ? "flashline-demo-1.4.0.dfu" : basename(path);
  const bytes = path === undefined ? makeDfuFile(VERSION) : new Uint8Array(await readFile(path));
  const { format, segments } = parseImage(bytes);
  const largest = segments.toSorted((a, b) => b.data.length - a.data.length)[0];
  if (largest === undefined) throw new DemoError(`${name} has no content.`);
  const { address, data } = largest;
  // A byte with its lowest bit set, so that a bit stuck at 0 there is a difference.
  const half = Math.floor(data.length / 2);
  const found = data.findIndex((byte, index) => index >= half && (byte & 1) === 1);
  const offset = found >= 0 ? found : data.findIndex((byte) => (byte & 1) === 1);
  return {
    name,
    bytes,
    address: format === "raw" ? address : undefined,
    middle: address + Math.max(0, offset),
    fields: path === undefined ? UNIT_FIELDS : [],
  };
}

export interface ReleaseRequest {
  readonly product: string;
  readonly chip: string;
  readonly firmware: FirmwareFile;
  readonly secretKey: SecretKey;
}

const CHECK_MS = 30_000;

/** Signs, uploads, publishes, waits for the server's check and promotes: what a firmware team's CI does. */
export async function publishRelease(api: Api, request: ReleaseRequest): Promise<ReleaseView> {
  const { product, chip, firmware, secretKey } = request;
  const { name, bytes, address, fields } = firmware;
  const manifest = Buffer.from(
    `${JSON.stringify(
      {
        schema: fields.length === 0 ? 1 : 2,
        product,
        chip,
        version: VERSION,
        counter: 1,
        boardRevisions: ["B", "C"],
        images: [
          {
            name,
            sha256: createHash("sha256").update(bytes).digest("hex"),
            size: bytes.length,
            ...(address === undefined ? {} : { address }),
          },
        ],
        recipe: {
          remainder: "discard",
          profile: "standard",
          leave: true,
          ...(fields.length === 0 ? {} : { patch: { fields } }),
        },
      },
      undefined,
      2,
    )}\n`,
  );
  const trustedComment = `product ${product} version ${VERSION} counter 1`;
  await api("uploadImage", { body: bytes });
  const published = await api("publish", {
    body: {
      manifest: manifest.toString("base64"),
      signature: signMinisig(manifest, secretKey, { trustedComment }),
    },
  });
  await untilChecked(api, published.body);
  return (await api("promote", { params: { id: published.body.id } })).body;
}

async function untilChecked(api: Api, release: ReleaseView): Promise<void> {
  const deadline = performance.now() + CHECK_MS;
  let seen = release;
  while (seen.check === "pending" && performance.now() < deadline) {
    await pause(100);
    seen = (await api("release", { params: { id: release.id } })).body;
  }
  if (seen.check !== "passed")
    throw new DemoError(
      `The server's check of the release says ${seen.check}: ${seen.checkCode ?? ""} ${seen.checkMessage ?? ""}`,
    );
}
