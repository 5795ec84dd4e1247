#!/usr/bin/env node
// npm links a command only when its target is there at install time, so the target is this file: a checkout has a launcher for
// its sources, an installed package has only dist.
import { existsSync, writeSync } from "node:fs";

const words = process.argv.slice(2);
if (words[0] === "dfu") sayThatNothingWasSent();

const at = (path) => new URL(path, import.meta.url);
if (existsSync(at("../src/main.ts"))) {
  const { start } = await import(at("../../../scripts/start.mjs").href);
  await start("cli");
} else {
  await import(at("../dist/main.js").href);
}

/** Ctrl-C and SIGTERM while the command is read and its unit looked for: until `src/console.ts` hears signals itself, and says so. */
function sayThatNothingWasSent() {
  const message = "Stopped before anything was sent to a unit.";
  const code = "attempt.cancelled";
  const stop = () => {
    try {
      if (words.includes("--json"))
        writeSync(1, `${JSON.stringify({ event: "refused", code, message })}\n`);
      else writeSync(2, `${message}\n(${code})\n`);
    } catch {
      // Nobody reads.
    }
    // Like every command that did not get as far as to open its unit.
    process.exit(3);
  };
  const signals = ["SIGINT", "SIGTERM"];
  for (const signal of signals) process.once(signal, stop);
  process.once("flashline:hears-signals", () => {
    for (const signal of signals) process.off(signal, stop);
  });
}
