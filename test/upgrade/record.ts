import { spawn } from "node:child_process";
import { once } from "node:events";
import { cp, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

/**
 * Records what a version leaves behind, for the tests of upgrades:
 *
 *     npm run record:upgrade -- NAME [CHECKOUT]
 *
 * runs the tour in this checkout, or in another one (an older commit, with its `npm ci` done), with that version's own server, agents and
 * simulator, and writes `test/upgrade/recorded/NAME.tar.gz`. What is recorded is never changed afterwards.
 */
const HERE = fileURLToPath(new URL("../../", import.meta.url));
const RECORDED = fileURLToPath(new URL("./recorded/", import.meta.url));
const TOUR = ["tour.ts", "wire.ts"];

async function run(command: string, args: readonly string[], cwd: string): Promise<void> {
  const child = spawn(command, args, { cwd, stdio: ["ignore", "inherit", "inherit"] });
  const [code]: (number | null)[] = await once(child, "close");
  if (code !== 0) throw new RangeError(`${command} ${args.join(" ")}: ${code}`);
}

async function record(name: string, checkout: string): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "flashline-record-"));
  const at = join(checkout, "test", "upgrade");
  try {
    await run(process.execPath, ["scripts/prepare.mjs"], checkout);
    if (checkout !== resolve(HERE)) {
      for (const file of TOUR) await cp(join(HERE, "test", "upgrade", file), join(at, file));
    }
    const server = join(HERE, "apps", "server", "bin", "flashline-server.js");
    await run(
      process.execPath,
      ["--conditions=source", "--import", "tsx", join(at, "tour.ts"), folder, server],
      checkout,
    );
    // The same content makes the same archive.
    await run(
      "tar",
      [
        ...["--sort=name", "--owner=0", "--group=0", "--numeric-owner", "-I", "gzip -9n"],
        ...["-cf", join(RECORDED, `${name}.tar.gz`), "-C", folder, "."],
      ],
      HERE,
    );
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const [name, checkout = HERE] = process.argv.slice(2);
if (name === undefined || !/^[\w.-]+$/.test(name)) {
  process.stderr.write("npm run record:upgrade -- NAME [CHECKOUT]\n");
  process.exitCode = 2;
} else await record(name, resolve(checkout));
