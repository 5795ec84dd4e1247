// `npm run coverage`: which branches of the engine its tests reach. Fails below the threshold in vitest.config.ts.
import { spawnSync } from "node:child_process";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const { status } = spawnSync(
  process.execPath,
  [
    join(root, "node_modules/vitest/vitest.mjs"),
    "run",
    "--project=unit",
    "--coverage",
    "packages/dfu-core",
    "test/engine",
  ],
  {
    cwd: root,
    stdio: "inherit",
    // The property tests reach what they reach within some hundred runs; counting branches makes each of them slow.
    // In the nightly run as well, which asks for a hundred thousand of its own suite.
    env: { ...process.env, FLASHLINE_RUNS: "1000" },
  },
);
process.exitCode = status ?? 1;
