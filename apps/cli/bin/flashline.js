#!/usr/bin/env node
// In a checkout the sources run as they are; an installed package has only dist. npm links a command only when its target
// is there at install time, so the target is this file.
import { existsSync } from "node:fs";
import { register } from "node:module";
import { fileURLToPath } from "node:url";

const sources = new URL("../src/main.ts", import.meta.url);
if (existsSync(sources)) {
  // Else tsx reads the tsconfig.json of whatever folder the command is called in.
  process.env["TSX_TSCONFIG_PATH"] ??= fileURLToPath(new URL("../tsconfig.json", import.meta.url));
  const tsx = await import("tsx/esm/api");
  tsx.register();
  const hook = `export const resolve = (specifier, context, next) =>
    next(specifier, { ...context, conditions: ["source", ...context.conditions] });`;
  register(`data:text/javascript,${encodeURIComponent(hook)}`, import.meta.url);
  await import(sources.href);
} else {
  await import(new URL("../dist/main.js", import.meta.url).href);
}
