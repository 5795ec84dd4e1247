// The Debian packages that the tests use, and the kernel that the virtual machine boots. Installs what is missing when it may,
// and otherwise says in one error what to install. Nothing here is needed to run Flashline itself.
import { execFile, spawnSync } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { mkdir, readdir, rename, rm, symlink, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const run = promisify(execFile);

/** Package → what it is for. */
const PACKAGES = {
  "binutils-arm-none-eabi": "objcopy and ld, to check image files against",
  "busybox-static": "first process of the virtual machine",
  chromium: "page tests",
  cpio: "first file system of the virtual machine",
  "dfu-util": "another DFU host, to check the virtual unit against",
  "fonts-dejavu-core": "page tests: a font for what the pages' own fonts lack",
  kmod: "dependencies of kernel modules",
  lld: "another linker, to check ELF files of two makers",
  minisign: "another signer, to check signatures against",
  "nginx-light": "a proxy in front of two servers",
  postgresql: "a database server that is not the embedded one",
  "python3-intelhex": "dfuse-pack reads Intel HEX files with it",
  "qemu-system-x86": "the virtual machine with a real USB stack",
  "redis-server": "the queue on Redis",
  strace: "kills the agent at one system call",
  tshark: "reads the capture files that transcripts are made into",
  udev: "hotplug events in the virtual machine",
  usbip: "attaches virtual units to the kernel in the virtual machine",
  usbutils: "lsusb in the virtual machine",
};

/** The same for what only `npm run nightly` does. */
const NIGHTLY_PACKAGES = {
  e2fsprogs: "a disk for the virtual machine",
  faketime: "a wrong clock for one process",
  genext2fs: "a disk for the virtual machine",
  iproute2: "a network of its own for one process, which can be cut",
  mmdebstrap: "a bare Debian in the virtual machine",
};

/** The newest database server of Debian: its `bin` folder. */
export function debianPostgres() {
  const versions = readdirSync("/usr/lib/postgresql").sort((a, b) => Number(b) - Number(a));
  return join("/usr/lib/postgresql", versions[0] ?? "", "bin");
}

/** Shared with test/vm, which builds the machine from the kernel found here. */
export function vmCache() {
  const base = process.env["XDG_CACHE_HOME"] || join(homedir(), ".cache");
  return join(base, "flashline-vm");
}

/** @returns {Promise<string[]>} what was done, for a person. Rejects with one clear message when something is missing. */
export async function installPackages({ nightly = false } = {}) {
  const wanted = nightly ? { ...PACKAGES, ...NIGHTLY_PACKAGES } : PACKAGES;
  const missing = missingPackages(wanted);
  const kernel = join(vmCache(), "kernel");
  const done = [];
  if (missing.length === 0 && existsSync(kernel)) return done;
  const sudo = privileges(wanted, missing);
  await apt(sudo, ["update", "-qq"]).catch((error) => {
    // Lists from an earlier update may still do.
    done.push(`apt-get update failed: ${firstLine(error)}`);
  });
  if (missing.length > 0) {
    await apt(sudo, ["install", "-y", "-qq", "--no-install-recommends", ...missing]);
    done.push(`installed ${missing.join(", ")}`);
  }
  if (!existsSync(kernel)) done.push(`unpacked ${await downloadKernel(kernel)} into ${vmCache()}`);
  return done;
}

function missingPackages(wanted) {
  const names = Object.keys(wanted);
  const env = { ...process.env, COLUMNS: "200", LC_ALL: "C" };
  const listing = String(spawnSync("dpkg-query", ["--list", ...names], { env }).stdout ?? "");
  return names.filter((name) => !new RegExp(`^ii +${name}(:| )`, "m").test(listing));
}

/** The words before apt-get that make it root. */
function privileges(wanted, missing) {
  if (process.getuid?.() === 0) return [];
  if (spawnSync("sudo", ["-n", "true"]).status === 0) return ["sudo", "-n"];
  // The kernel alone is downloaded and unpacked, which needs no rights.
  if (missing.length === 0) return [];
  const lines = missing.map((name) => `  ${name.padEnd(18)} ${wanted[name]}`);
  throw new Error(
    [
      "The tests need Debian packages that are not installed, and this user may not install them:",
      ...lines,
      `As root: apt-get update && apt-get install --no-install-recommends ${missing.join(" ")}`,
    ].join("\n"),
  );
}

async function apt(sudo, words) {
  const command = [
    ...sudo,
    "env",
    "DEBIAN_FRONTEND=noninteractive",
    "apt-get",
    "-o",
    "DPkg::Lock::Timeout=300",
    ...words,
  ];
  try {
    await run(command[0], command.slice(1), { maxBuffer: 1 << 26 });
  } catch (error) {
    throw new Error(`${command.join(" ")} failed:\n${error.stderr || error.message}`);
  }
}

/** Debian's stock kernel, unpacked and not installed: the machine that runs the tests keeps its own. */
async function downloadKernel(target) {
  const folder = `${target}.${process.pid}`;
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  const { stdout } = await run("apt-cache", ["depends", "linux-image-amd64"]);
  const name = /Depends: (linux-image-[^\s<>]+)/.exec(stdout)?.[1];
  if (name === undefined) {
    throw new Error("apt knows no linux-image-amd64: run apt-get update as root once");
  }
  await run("apt-get", ["download", "-qq", name], { cwd: folder });
  const file = (await readdir(folder)).find((entry) => entry.endsWith(".deb"));
  if (file === undefined) throw new Error(`apt-get download ${name} brought no package`);
  await run("dpkg-deb", ["-x", file, "."], { cwd: folder });
  await rm(join(folder, file));
  const version = name.replace("linux-image-", "");
  await run("depmod", ["-b", folder, version], {
    env: { ...process.env, PATH: `${process.env["PATH"]}:/usr/sbin:/sbin` },
  });
  await symlink(`boot/vmlinuz-${version}`, join(folder, "vmlinuz"));
  await writeFile(join(folder, "version"), version);
  await rename(folder, target).catch(async (error) => {
    // Another run was faster.
    await rm(folder, { recursive: true, force: true });
    if (!existsSync(target)) throw error;
  });
  return name;
}

const firstLine = (error) => String(error.message).split("\n").slice(1).join(" ").slice(0, 200);

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  try {
    for (const line of await installPackages()) process.stdout.write(`${line}\n`);
  } catch (error) {
    process.stderr.write(`${error.message}\n`);
    process.exitCode = 1;
  }
}
