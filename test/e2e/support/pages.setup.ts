import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

/** Builds the pages when they are missing or older than their sources, once for all files: servers look for them when they start. */
export default async function buildPages(): Promise<void> {
  const script = fileURLToPath(new URL("../../../scripts/prepare-web.mjs", import.meta.url));
  const child = spawn(process.execPath, [script], {
    stdio: ["ignore", "ignore", "inherit"],
    env: { ...process.env, NODE_ENV: "production" },
  });
  const [code]: (number | null)[] = await once(child, "close");
  if (code !== 0) throw new RangeError(`the pages could not be built: ${code}`);
}
