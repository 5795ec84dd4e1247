import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { build } from "esbuild";

const ROOT = join(import.meta.dirname, "../../..");
const OUTPUT = join(ROOT, "artifacts/vm");

/**
 * One file of a program and all that it imports, for the guest: emulated, it reads a thousand small files slowly. Inside the
 * checkout, because native packages are left out and found in its node_modules. Make bundles before the machine boots: it may
 * remember that a file was not there.
 */
export async function bundle(entry: string, name: string): Promise<string> {
  await mkdir(OUTPUT, { recursive: true });
  const outfile = join(OUTPUT, `${name}.mjs`);
  await build({
    entryPoints: [join(ROOT, entry)],
    outfile,
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node20",
    conditions: ["source"],
    external: ["usb"],
    // CommonJS packages inside the bundle call it.
    banner: {
      js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);',
    },
    logLevel: "silent",
  });
  return outfile;
}
