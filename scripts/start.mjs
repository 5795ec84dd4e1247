// Starts a command of a checkout, where nobody built anything: from a bundle of its sources, which is made when it is missing
// or older than they are. Reading a thousand small TypeScript files costs more than most commands do.
import { existsSync, readFileSync } from "node:fs";
import module from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { cache, root, stampOf, stampOfFile } from "./stamp.mjs";

/** @param app the folder in `apps` whose `src/main.ts` is the command */
export async function start(app) {
  if (app === "server") {
    const { prepare } = await import("./prepare.mjs");
    await prepare();
  }
  // From Node 22 on; a folder that cannot be written to is no error.
  module.enableCompileCache?.(join(cache, "compiled"));
  const main = freshBundle(app) ?? (await newBundle(app));
  if (main !== undefined) return await import(pathToFileURL(main).href);
  const { acceptSources } = await import("./sources.mjs");
  await acceptSources();
  await import(pathToFileURL(join(root, "apps", app, "src/main.ts")).href);
}

/** The bundle's file, unless one of the files that it was made of has changed since. */
function freshBundle(app) {
  try {
    const found = JSON.parse(readFileSync(stampOf(app), "utf8"));
    const { main, stamps } = found;
    // A checkout that was copied brings the stamp of the other one along.
    if (found.root !== root) return undefined;
    for (const [file, stamp] of stamps) if (stampOfFile(file) !== stamp) return undefined;
    return existsSync(main) ? main : undefined;
  } catch {
    // The bundle is missing or not complete.
    return undefined;
  }
}

/** Nothing where the checkout cannot be written to or the sources are wrong: running the sources tells what is wrong. */
async function newBundle(app) {
  try {
    const { makeBundle } = await import("./bundle.mjs");
    return await makeBundle(app);
  } catch {
    return undefined;
  }
}
