#!/usr/bin/env node
// Runs the server from its sources in a checkout, where a build is never needed, and from dist where only that is installed.
import { existsSync } from "node:fs";
import { register } from "node:module";
import { fileURLToPath } from "node:url";

const at = (path) => new URL(path, import.meta.url);

if (existsSync(at("../src/main.ts"))) {
  const scripts = at("../../../scripts/prepare.mjs");
  if (existsSync(scripts)) {
    const { prepare } = await import(scripts.href);
    await prepare();
  }
  const tsx = await import("tsx/esm/api");
  tsx.register();
  const sources =
    'export const resolve = (name, context, next) => next(name, { ...context, conditions: ["source", ...context.conditions] });';
  register(`data:text/javascript,${encodeURIComponent(sources)}`, import.meta.url);
  await import(at("../src/main.ts").href);
} else if (existsSync(at("../dist/main.js"))) {
  await import(at("../dist/main.js").href);
} else {
  process.stderr.write(`${fileURLToPath(at(".."))} has neither src nor dist.\n`);
  process.exitCode = 1;
}
