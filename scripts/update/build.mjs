// An update of the agent: what its package has but Node.js, as one archive, and beside it the manifest that `flashline agent-update sign` signs.
import { createHash } from "node:crypto";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fillApp } from "../debian/build.mjs";
import { NODE_VERSION } from "../debian/node.mjs";
import { acceptSources } from "../sources.mjs";
import { tarOf } from "./tar.mjs";

/** The least interface of deploy/debian/flashline-agent/versions.sh that starts it. */
const LAUNCHER = 1;

/**
 * Builds `flashline-agent-update_VERSION_PLATFORM.tar.gz` and its `.json` into `out`. The pages must be built.
 * @param {{ version: string, out: string, epoch: number }} options as in package.json; seconds since 1970
 * @returns {Promise<string>} the manifest's file
 */
export async function buildUpdate({ version, out, epoch }) {
  const work = await mkdtemp(join(tmpdir(), "flashline-update-"));
  try {
    await fillApp("agent", work, version);
    return await packUpdate(work, { version, out, epoch });
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

/** The same of a program that lies in `folder`. */
export async function packUpdate(folder, { version, out, epoch, ...more }) {
  await acceptSources();
  const { JOURNAL_FORMAT } = await import("../../apps/agent/src/journal/line.ts");
  const { bytes, unpacked, files } = await tarOf(folder, "app", epoch);
  const platform = `${process.platform}-${process.arch}`;
  const file = join(out, `flashline-agent-update_${version}_${platform}`);
  const manifest = {
    schema: 1,
    name: "flashline-agent",
    version,
    platform,
    builtAt: new Date(epoch * 1000).toISOString(),
    launcher: LAUNCHER,
    node: NODE_VERSION,
    journal: { reads: JOURNAL_FORMAT, writes: JOURNAL_FORMAT },
    archive: {
      sha256: createHash("sha256").update(bytes).digest("hex"),
      size: bytes.length,
      unpacked,
      files,
    },
    ...more,
  };
  await mkdir(out, { recursive: true });
  await writeFile(`${file}.tar.gz`, bytes);
  await writeFile(`${file}.json`, `${JSON.stringify(manifest, undefined, 2)}\n`);
  return `${file}.json`;
}
