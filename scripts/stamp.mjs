// What `start.mjs` and `bundle.mjs` agree on: where bundles are, and what tells that a file was written to.
import { statSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export const root = dirname(dirname(fileURLToPath(import.meta.url)));
export const cache = join(root, "node_modules/.flashline");

/** Where it is written which bundle is the newest of an app, and what it was made of. */
export const stampOf = (app) => join(cache, "start", `${app}.json`);

/** Differs when the file was written to. Empty where there is none. */
export function stampOfFile(file) {
  const stat = statSync(file, { throwIfNoEntry: false });
  return stat === undefined ? "" : `${stat.mtimeMs} ${stat.size}`;
}
