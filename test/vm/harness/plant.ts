import { createHash } from "node:crypto";
import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Client, createClient } from "@flashline/contract";
import { temporaryDataFolder } from "@flashline/server/testing/data-folder";
import { formatPublicKey, generateKeyPair, signMinisig } from "@flashline/signing";
import { MachineError } from "./cache.ts";
import { type HostProcess, startProcess } from "./process.ts";

const SERVER = "apps/server/bin/flashline-server.js";
const TOKEN_SCOPES = [
  "read",
  "releases:publish",
  "releases:promote",
  "orders:write",
  "stations:write",
];
const RELEASE_CHECK_MS = 60_000;

/** A `flashline-server` process with its own PostgreSQL, and a caller with every scope. */
export interface ServerProcess {
  readonly port: number;
  readonly call: Client<AbortSignal>;
  /** Text of the pinned release key. */
  readonly publicKey: string;
  /** Uploads, signs, publishes and promotes; resolves when the release is released. */
  release(options: ReleaseOptions): Promise<void>;
  stop(): Promise<void>;
}

export interface ReleaseOptions {
  readonly product: string;
  readonly chip: string;
  readonly version: string;
  readonly counter: number;
  readonly name: string;
  readonly image: Uint8Array;
  /** Of schema 2; absent: a manifest of schema 1 without one. */
  readonly recipe?: object;
}

export async function startServer(): Promise<ServerProcess> {
  const data = temporaryDataFolder("server");
  const env = { FLASHLINE_DATA: data, FLASHLINE_PORT: "0", FLASHLINE_HOST: "127.0.0.1" };
  const server = startProcess(SERVER, ["start"], env);
  const listening = JSON.parse(await server.line((line) => line.includes('"msg":"listening"')));
  const baseUrl = String(listening.url);
  const { publicKey, secretKey } = generateKeyPair();
  const keyFile = join(data, "release.pub");
  await writeFile(keyFile, formatPublicKey(publicKey));
  await output(startProcess(SERVER, ["key", "add", keyFile], env));
  const scopes = TOKEN_SCOPES.flatMap((scope) => ["--scope", scope]);
  const token = await output(startProcess(SERVER, ["token", "add", "test", ...scopes], env));
  const call = createClient<AbortSignal>({
    baseUrl,
    fetch,
    headers: () => ({ authorization: `Bearer ${token}` }),
  });

  async function release(options: ReleaseOptions): Promise<void> {
    const { product, chip, version, counter, name, image, recipe } = options;
    await call("uploadImage", { body: image });
    const manifest = Buffer.from(
      JSON.stringify({
        ...(recipe === undefined ? { schema: 1 } : { schema: 2, recipe }),
        product,
        chip,
        version,
        counter,
        images: [
          { name, sha256: createHash("sha256").update(image).digest("hex"), size: image.length },
        ],
      }),
    );
    const signature = signMinisig(manifest, secretKey, { trustedComment: `${product} ${version}` });
    const { body } = await call("publish", {
      body: { manifest: manifest.toString("base64"), signature },
    });
    await untilChecked(call, body.id);
    await call("promote", { params: { id: body.id } });
  }

  return {
    port: Number(new URL(baseUrl).port),
    call,
    publicKey: formatPublicKey(publicKey),
    release,
    async stop() {
      await server.stop();
      await rm(data, { recursive: true, force: true });
    },
  };
}

/** The release queue checks what was uploaded. */
async function untilChecked(call: Client<AbortSignal>, id: string): Promise<void> {
  const until = performance.now() + RELEASE_CHECK_MS;
  for (;;) {
    const { body } = await call("release", { params: { id } });
    if (body.check === "passed") return;
    if (body.check === "refused" || performance.now() > until) {
      throw new MachineError(`release check: ${body.check} ${body.checkMessage ?? ""}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** The last line of a command that ends by itself. */
async function output(command: HostProcess): Promise<string> {
  const status = await command.ended;
  const line = command.lines.at(-1);
  if (status !== 0 || line === undefined) {
    throw new MachineError(`a server command ended with status ${status}: ${command.errors()}`);
  }
  return line;
}
