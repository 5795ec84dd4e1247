// Debian packages of the agent and of the server, and an update of the agent, built from this checkout.
//   node scripts/package.mjs [agent|server|update]… [--out FOLDER] [--version VERSION]      all, into artifacts/packages, when nothing is named
import { execFileSync } from "node:child_process";
import { readFileSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { APP_NAMES, buildPackage } from "./debian/build.mjs";
import { prepare } from "./prepare.mjs";
import { prepareWeb } from "./prepare-web.mjs";
import { root } from "./stamp.mjs";
import { buildUpdate } from "./update/build.mjs";

const manifest = join(root, "package.json");

/** Seconds since 1970: of the newest commit, so that whoever builds it again gets the same bytes. */
function epoch() {
  const given = process.env["SOURCE_DATE_EPOCH"];
  if (given !== undefined) return Number(given);
  try {
    const words = ["log", "-1", "--format=%ct"];
    return Number(execFileSync("git", words, { cwd: root, encoding: "utf8", stdio: "pipe" }));
  } catch {
    // Sources without their history.
    return Math.floor(statSync(manifest).mtimeMs / 1000);
  }
}

try {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { out: { type: "string" }, version: { type: "string" } },
  });
  const known = [...APP_NAMES, "update"];
  const unknown = positionals.filter((name) => !known.includes(name));
  if (unknown.length > 0) throw new Error(`there is no package of "${unknown.join(", ")}"`);
  await prepare();
  await prepareWeb();
  const options = {
    version: values.version ?? JSON.parse(readFileSync(manifest, "utf8")).version,
    out: resolve(values.out ?? join(root, "artifacts/packages")),
    epoch: epoch(),
  };
  for (const app of positionals.length === 0 ? known : positionals) {
    const made = app === "update" ? await buildUpdate(options) : await buildPackage(app, options);
    process.stdout.write(`${made}\n`);
  }
} catch (error) {
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}
