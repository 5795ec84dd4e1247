import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { chmod, copyFile, mkdir, mkdtemp, readFile, rename, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { promisify } from "node:util";
import { cacheFolder, kernelFolder, MachineError } from "./cache.ts";

const run = promisify(execFile);

/** Network and files of the host, the host controllers that QEMU has. */
const MODULES = ["virtio_pci", "virtio_net", "9pnet_virtio", "9p", "xhci-pci"];

/** What becomes the machine's root: this host's files, or a disk with a system of its own. */
const ROOTS = {
  /** To keep the host unchanged, more controllers, the kernel's USB/IP client, usbmon. */
  host: {
    init: "init.sh",
    modules: [...MODULES, "overlay", "ehci-pci", "uhci-hcd", "vhci-hcd", "usbmon"],
  },
  disk: { init: "init-disk.sh", modules: [...MODULES, "virtio_blk", "crc32c_generic", "ext4"] },
} as const;

/** Builds the initial file system when it is not there yet; returns its path. */
export async function buildInitrd(root: keyof typeof ROOTS): Promise<string> {
  const { init: script, modules } = ROOTS[root];
  const kernel = kernelFolder();
  const version = (await readFile(join(kernel, "version"), "utf8")).trim();
  const init = await readFile(join(import.meta.dirname, script));
  const path = dirname(process.execPath);
  const key = createHash("sha256")
    .update([version, path, ...modules].join("\n"))
    .update(init)
    .digest("hex")
    .slice(0, 16);
  const target = join(cacheFolder(), `initrd-${key}.gz`);
  if (existsSync(target)) return target;
  const work = await mkdtemp(join(cacheFolder(), "initrd-"));
  try {
    const tree = join(work, "tree");
    await mkdir(join(tree, "bin"), { recursive: true });
    await copyFile("/bin/busybox", join(tree, "bin/busybox"));
    await copyModules(modules, join(kernel, "lib/modules", version), join(tree, "modules"));
    await writeFile(join(tree, "modules/path"), path);
    await writeFile(join(tree, "init"), init);
    await chmod(join(tree, "init"), 0o755);
    const pack = "set -o pipefail; find . | cpio -o -H newc --quiet | gzip -1 > ../initrd.gz";
    await run("bash", ["-c", pack], { cwd: tree });
    await rename(join(work, "initrd.gz"), target);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
  return target;
}

/** The modules with all they need, and the order in which insmod takes them. */
async function copyModules(
  names: readonly string[],
  source: string,
  target: string,
): Promise<void> {
  const needs = await readDependencies(join(source, "modules.dep"));
  const order: string[] = [];
  const add = (path: string) => {
    // modules.dep lists what a module needs with the deepest last.
    for (const need of [...(needs.get(path) ?? [])].reverse())
      if (!order.includes(need)) order.push(need);
    if (!order.includes(path)) order.push(path);
  };
  for (const name of names) {
    const file = `${name.replaceAll("_", "-")}.ko`;
    const path = [...needs.keys()].find((key) => basename(key).replaceAll("_", "-") === file);
    if (path === undefined) throw new MachineError(`the kernel in ${source} has no module ${name}`);
    add(path);
  }
  await mkdir(target, { recursive: true });
  for (const path of order) await copyFile(join(source, path), join(target, basename(path)));
  await writeFile(join(target, "order"), order.map((path) => `${basename(path)}\n`).join(""));
}

async function readDependencies(file: string): Promise<Map<string, string[]>> {
  const lines = (await readFile(file, "utf8")).trim().split("\n");
  return new Map(
    lines.map((line) => {
      const [path = "", rest = ""] = line.split(":", 2);
      return [path, rest.split(" ").filter((word) => word !== "")];
    }),
  );
}
