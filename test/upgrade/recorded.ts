import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Api } from "./contract.ts";
import type { Exchange } from "./wire.ts";

const FOLDER = fileURLToPath(new URL("./recorded/", import.meta.url));
const ENDING = ".tar.gz";

/** Names of the versions that were recorded, the oldest first. */
export const RECORDED: readonly string[] = readdirSync(FOLDER)
  .filter((file) => file.endsWith(ENDING))
  .map((file) => file.slice(0, -ENDING.length))
  .sort();

type Row = Readonly<Record<string, unknown>>;

/** What a version was asked last, and what its administrator knew. */
export interface About {
  readonly login: { readonly name: string; readonly password: string };
  readonly pages: Readonly<Record<"units" | "orders" | "attempts" | "releases", readonly Row[]>>;
}

/** What `record.ts` kept of a version. */
export interface Recorded {
  /** A temporary folder: `before` and `after` are back-ups, `agents/NAME` are data folders of agents that were killed. */
  readonly folder: string;
  readonly about: About;
  readonly openapi: Api;
  /** All that one agent and its server said to each other, from the enrollment on; it began on `before`. */
  readonly wire: readonly Exchange[];
}

/** Unpacks one into a temporary folder, which the caller removes. */
export function unpack(name: string): Recorded {
  const folder = mkdtempSync(join(tmpdir(), "flashline-recorded-"));
  const { status, stderr } = spawnSync(
    "tar",
    ["-xzf", join(FOLDER, `${name}${ENDING}`), "-C", folder],
    { encoding: "utf8" },
  );
  if (status !== 0) throw new RangeError(`${name}: tar said ${stderr}`);
  const read = (file: string) => JSON.parse(readFileSync(join(folder, file), "utf8"));
  return {
    folder,
    about: read("about.json"),
    openapi: read("openapi.json"),
    wire: read("wire.json"),
  };
}
