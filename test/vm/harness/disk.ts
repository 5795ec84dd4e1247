import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { cacheFolder, MachineError } from "./cache.ts";

const run = promisify(execFile);

/** A bare PC: Debian as this host has it, with what each installation has, and nothing for Node.js. */
const PACKAGES = ["systemd-sysv", "udev", "dbus", "usbutils", "sudo"];
const SIZE = "4G";

/** A new disk for one machine: a copy of a bare Debian that is built once. */
export async function newDisk(file: string): Promise<void> {
  await run("cp", ["--sparse=always", "--reflink=auto", await bareDebian(), file]);
}

/** A file system with Debian's packages unpacked and set up, for as long as their names stay the same. */
async function bareDebian(): Promise<string> {
  const suite = /^VERSION_CODENAME=(\w+)$/m.exec(await readFile("/etc/os-release", "utf8"))?.[1];
  if (suite === undefined) throw new MachineError("this host is no Debian");
  const key = createHash("sha256")
    .update([suite, SIZE, ...PACKAGES].join("\n"))
    .digest("hex");
  const target = join(cacheFolder(), `disk-${key.slice(0, 16)}.ext2`);
  if (existsSync(target)) return target;
  await mkdir(cacheFolder(), { recursive: true });
  const work = await mkdtemp(join(cacheFolder(), "disk-"));
  try {
    const disk = join(work, "disk.ext2");
    const sources = join(work, "sources.list");
    await writeFile(sources, await debianSources(suite));
    const given = ["--variant=apt", "--quiet", "--format=ext2", `--include=${PACKAGES}`];
    await run("mmdebstrap", [...given, suite, disk, sources]);
    await run("truncate", ["--size", SIZE, disk]);
    const path = `${process.env["PATH"]}:/usr/sbin:/sbin`;
    await run("resize2fs", ["-f", disk], { env: { ...process.env, PATH: path } });
    await rename(disk, target);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
  return target;
}

/** Where this host gets its own packages from, however that is written down. */
async function debianSources(suite: string): Promise<string> {
  const format = "$(ORIGIN) deb $(REPO_URI) $(CODENAME) $(COMPONENT)";
  const { stdout } = await run("apt-get", [
    ...["indextargets", "--format", format],
    "Identifier: Packages",
  ]);
  const lines = stdout.split("\n").filter((line) => line.startsWith("Debian "));
  const sources = lines
    .map((line) => line.slice("Debian ".length))
    .filter((line) => line.split(" ")[2]?.startsWith(suite));
  if (sources.length === 0) throw new MachineError(`apt knows no source of Debian ${suite}`);
  return `${[...new Set(sources)].join("\n")}\n`;
}
