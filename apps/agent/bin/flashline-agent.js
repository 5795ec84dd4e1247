#!/usr/bin/env node
// Starts from sources in a checkout and from dist where only that was installed. npm links a bin only when its target
// exists at install time, so the target is this file.
import { existsSync } from "node:fs";
import { register } from "node:module";

const source = new URL("../src/main.ts", import.meta.url);
if (existsSync(source)) {
  const { register: registerTsx } = await import("tsx/esm/api");
  registerTsx();
  const preferSources =
    'export const resolve = (s, c, next) => next(s, { ...c, conditions: ["source", ...c.conditions] });';
  register(`data:text/javascript,${encodeURIComponent(preferSources)}`, import.meta.url);
  await import(source.href);
} else {
  await import(new URL("../dist/main.js", import.meta.url).href);
}
