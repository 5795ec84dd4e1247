import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, test } from "vitest";

const SCRIPT = `
import { createServer } from "node:net";
import { postgresBackend } from ${JSON.stringify(new URL("./backend.ts", import.meta.url).href)};
const silent = createServer(() => undefined).listen(0, "127.0.0.1", async () => {
  const url = "postgresql://flashline@127.0.0.1:" + silent.address().port + "/flashline";
  const backend = postgresBackend(url, () => Promise.resolve(), () => undefined);
  const told = await backend.openWorker("flash", 1, () => Promise.resolve()).then(
    () => "opened",
    () => "refused",
  );
  setTimeout(() => {
    process.stdout.write(told);
    process.exit(0);
  }, 100);
});`;

test("a worker that PostgreSQL did not answer in time leaves its process to others, which say so and end it", {
  timeout: 120_000,
}, async () => {
  const node = ["--conditions=source", "--import", "tsx", "--input-type=module", "-e", SCRIPT];
  const options = { timeout: 90_000, killSignal: "SIGKILL" } as const;
  const { stdout } = await promisify(execFile)(process.execPath, node, options);
  expect(stdout).toBe("refused");
});
