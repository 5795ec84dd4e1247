import { join } from "node:path";
import { build } from "esbuild";

const ROOT = join(import.meta.dirname, "../../..");
/**
 * One file of a program and all that it imports, for the guest: emulated, it reads a thousand small files slowly. It lies in
 * `dist` of the entry's workspace, one folder deep like the sources: what they find beside themselves, and native packages in
 * node_modules, the bundle finds as well. Make bundles before the machine boots: it may remember that a file was not there.
 */
export async function bundle(workspace: string, entry: string, name: string): Promise<string> {
  const outfile = join(ROOT, workspace, "dist", `bundled-${name}.mjs`);
  await build({
    entryPoints: [join(ROOT, workspace, entry)],
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
