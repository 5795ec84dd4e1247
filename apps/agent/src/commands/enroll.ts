import { mkdir, readFile } from "node:fs/promises";
import { hostname } from "node:os";
import { FlashlineError } from "@flashline/contract";
import { KeyFileError, type PublicKey, parsePublicKey } from "@flashline/signing";
import { hardwareIds, machineId } from "@flashline/usb-host";
import type { Config } from "../config.ts";
import { serverLink } from "../server/link.ts";
import { pinKey, saveIdentity } from "../station/identity.ts";
import { refuseServersFolder } from "../station/own-folder.ts";
import { forgetTaughtNests, readTaughtNests } from "../teach/taught-nests.ts";

export interface EnrollArguments {
  readonly server: string | undefined;
  readonly token: string | undefined;
  /** Paths of minisign public keys. */
  readonly keys: readonly string[];
  /** "NAME=PORTPATH". */
  readonly nests: readonly string[];
}

/**
 * Turns a one-time token into this station's own credential and pins the keys that releases must be signed with. The keys are
 * checked before the token is spent.
 * @throws FlashlineError `config.invalid`, `agent.offline`; RefusedError with the server's reason.
 */
export async function enroll(config: Config, given: EnrollArguments): Promise<string[]> {
  const server = (given.server ?? config.server)?.replace(/\/+$/, "");
  if (server === undefined || given.token === undefined) {
    throw new FlashlineError("config.invalid", "enroll needs --server URL and --token T.");
  }
  // Who enrolls again for a key or a server keeps the nests that were taught here.
  const taught = given.nests.length === 0 ? await readTaughtNests(config.dataDir) : undefined;
  const nests =
    taught?.map(({ name, portPath }) => ({ name, portPath })) ?? given.nests.map(nestFrom);
  const texts = await Promise.all(given.keys.map(keyText));
  await refuseServersFolder(config.dataDir);
  await mkdir(config.dataDir, { recursive: true, mode: 0o700 });
  const keys: PublicKey[] = [];
  for (const text of texts) keys.push(await pinKey(config.dataDir, text));

  const machine = machineId();
  const hardware = [...hardwareIds()];
  const { body } = await serverLink({ baseUrl: server }).call("enroll", {
    body: { token: given.token, machine, hostname: hostname(), hardware, nests },
  });
  const { stationId, station, credential, grantKey } = body;
  if (taught === undefined) await forgetTaughtNests(config.dataDir);
  await saveIdentity(config.dataDir, {
    server,
    stationId,
    station,
    machine,
    hardware,
    credential,
    ...(grantKey === undefined ? {} : { grantKey }),
  });
  return [
    `Enrolled as station ${station} with ${server}.`,
    keys.length === 0
      ? "No key is pinned: nothing can be flashed. Enroll again with --key FILE.pub."
      : `Pinned keys: ${keys.map(({ keyId }) => keyId).join(", ")}.`,
    ...(nests.length === 0
      ? [
          "No nest was given: this station has none now and can flash nothing. Teach them on the station page (Nests), or enroll again with --nest NAME=PORTPATH.",
        ]
      : []),
    ...nests.map(({ name, portPath }) => `Nest ${name} is port ${portPath}.`),
  ];
}

function nestFrom(text: string): { name: string; portPath: string } {
  const at = text.lastIndexOf("=");
  const name = text.slice(0, at).trim();
  const portPath = text.slice(at + 1).trim();
  if (at < 0 || name === "" || !/^\d+-\d+(\.\d+)*$/.test(portPath)) {
    throw new FlashlineError(
      "config.invalid",
      `--nest ${text}: give a name and the kernel's port path, for example --nest 1=3-1.2.`,
    );
  }
  return { name, portPath };
}

async function keyText(path: string): Promise<string> {
  try {
    const text = await readFile(path, "utf8");
    parsePublicKey(text);
    return text;
  } catch (cause) {
    const reason = cause instanceof KeyFileError ? cause.message : "It cannot be read.";
    throw new FlashlineError("config.invalid", `--key ${path}: ${reason}`, { cause });
  }
}
