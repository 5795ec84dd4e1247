import { defineConfig } from "vitest/config";
import { NIGHTLY } from "./test/nightly.ts";

const source = {
  // The environment of a global set-up.
  environments: {
    __vitest__: { resolve: { conditions: ["source"], externalConditions: ["source"] } },
  },
  resolve: { conditions: ["source"] },
  ssr: { resolve: { conditions: ["source"], externalConditions: ["source"] } },
};
/**
 * Files that only `npm run nightly` runs: each takes long for one thing, and by day another test looks at the same rules from nearer.
 */
const AT_NIGHT = [
  "apps/server/src/chaos/disk.test.ts",
  "apps/server/src/chaos/judged.test.ts",
  "apps/server/src/chaos/newer.test.ts",
  "apps/server/src/cli/stop.test.ts",
  "apps/server/src/db/embedded/cluster.test.ts",
  "apps/server/src/images/s3.test.ts",
  "apps/server/src/webhooks/killed.test.ts",
  "test/e2e/cli-eeprom.test.ts",
  "test/e2e/cli-interrupted.test.ts",
  "test/e2e/cli-options.test.ts",
  "test/e2e/cli-plain.test.ts",
  "test/e2e/packages.test.ts",
  "test/e2e/story.test.ts",
  "test/e2e/unit-data.test.ts",
  "test/e2e/updates.test.ts",
  "test/vm/after-leave.test.ts",
  "test/vm/cli.test.ts",
  "test/vm/package-*.test.ts",
  "test/vm/station.test.ts",
];
const exclude = ["**/dist/**", "**/node_modules/**", ...(NIGHTLY ? [] : AT_NIGHT)];

/** Longer than the tests' own patience with a server that starts, which says what the server said. */
const STARTED_MS = 360_000;

/** Whoever polls waits for a disk, a socket or another process, which others keep busy: vitest's own second says nothing about them. */
const patience = { expect: { poll: { timeout: 10_000 } } };

/** `unit` runs beside the code in seconds; `server` needs a database; the others start real processes. */
export default defineConfig({
  test: {
    // `npm run coverage`: the engine's own code, by the tests beside it and those in test/engine.
    coverage: {
      provider: "v8",
      include: ["packages/dfu-core/src/**/*.ts"],
      exclude: ["**/*.test.ts", "**/index.ts"],
      reporter: ["text", "json-summary"],
      reportsDirectory: "artifacts/coverage",
      thresholds: { branches: 95 },
    },
    projects: [
      {
        ...source,
        test: {
          ...patience,
          name: "unit",
          // No module of ours keeps state, so that the files of a worker may share them: half the time.
          isolate: false,
          include: [
            "packages/**/*.test.ts",
            "apps/{agent,cli,web}/**/*.test.ts",
            "apps/server/src/verdict/*.test.ts",
            "test/{engine,packages}/**/*.test.ts",
            "scripts/*.test.mjs",
          ],
          exclude,
          // Some write to a disk that others keep busy. How fast something is, is asserted where it matters.
          testTimeout: 30_000,
        },
      },
      {
        ...source,
        test: {
          ...patience,
          name: "server",
          isolate: false,
          include: ["apps/server/**/*.test.ts", "test/upgrade/*.test.ts"],
          globalSetup: "apps/server/src/testing/cluster.setup.ts",
          // Most of them wait: for the database, a clock or a process.
          maxWorkers: 2,
          exclude: [...exclude, "apps/server/src/verdict/*.test.ts"],
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        ...source,
        test: {
          ...patience,
          name: "cli",
          include: ["test/e2e/cli*.test.ts"],
          exclude,
          testTimeout: 120_000,
          hookTimeout: STARTED_MS,
          // A command and a simulator each: two at a time are still few.
          maxWorkers: 2,
        },
      },
      {
        ...source,
        test: {
          ...patience,
          name: "e2e",
          include: ["test/e2e/**/*.test.ts"],
          exclude: [...exclude, "test/e2e/cli*.test.ts"],
          globalSetup: "test/e2e/support/pages.setup.ts",
          testTimeout: 120_000,
          hookTimeout: STARTED_MS,
          // A server, agents and a browser each, which wait for one another most of the time.
          maxWorkers: 2,
        },
      },
      {
        ...source,
        test: {
          ...patience,
          name: "vm",
          include: ["test/vm/**/*.test.ts"],
          exclude,
          testTimeout: 240_000,
          hookTimeout: 240_000,
          // One emulated machine waits as often as it works: two keep two cores busy.
          maxWorkers: 2,
        },
      },
    ],
  },
});
