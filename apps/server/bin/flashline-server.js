#!/usr/bin/env node
// npm links a command only when its target is there at install time, so the target is this file: a checkout has a launcher for
// its sources, an installed package has only dist.
import { existsSync } from "node:fs";

const at = (path) => new URL(path, import.meta.url);
if (existsSync(at("../src/main.ts"))) {
  const { start } = await import(at("../../../scripts/start.mjs").href);
  await start("server");
} else {
  await import(at("../dist/main.js").href);
}
