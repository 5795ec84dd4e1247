// One Debian package from this checkout: a tree of files, and `dpkg-deb` to pack it. The same sources give the same bytes.
import { execFile } from "node:child_process";
import {
  chmod,
  cp,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  stat,
  writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { bundleInto } from "../bundle.mjs";
import { acceptSources } from "../sources.mjs";
import { root } from "../stamp.mjs";
import { copyModules, licencesOf, neededBy } from "./modules.mjs";
import { packagedNode } from "./node.mjs";

const run = promisify(execFile);
const deploy = join(root, "deploy/debian");

/** What is in one package and not in the other, below `app` like in the checkout. */
const APPS = {
  agent: {
    page: "station",
    document: "station.md",
    /** All others are in the bundle. */
    modules: () => neededBy(join(root, "packages/usb-host"), ["usb"]),
    more: [],
  },
  server: {
    page: "dashboard",
    document: "operations.md",
    modules: () => neededBy(join(root, "apps/server")),
    more: ["prisma/migrations"],
  },
};
export const APP_NAMES = Object.keys(APPS);

/**
 * Builds `flashline-APP_VERSION_ARCHITECTURE.deb` into `out`. The pages must be built and the checkout prepared.
 * @param {"agent" | "server"} app
 * @param {{ version: string, out: string, epoch: number }} options as in package.json; seconds since 1970 for every file
 * @returns {Promise<string>} the file
 */
export async function buildPackage(app, { version, out, epoch }) {
  const name = `flashline-${app}`;
  const architecture = (await run("dpkg", ["--print-architecture"])).stdout.trim();
  const tree = await mkdtemp(join(tmpdir(), `${name}-`));
  try {
    // dpkg-deb asks for it.
    await chmod(tree, 0o755);
    await fillProgram(app, tree, version, architecture);
    await fillSystem(app, tree);
    await fillDocuments(app, tree, architecture);
    await fillControl(app, tree, {
      VERSION: debianVersion(version),
      ARCHITECTURE: architecture,
      SIZE: String(Math.ceil((await sizeOf(tree)) / 1024)),
    });
    // Whatever the umask of who builds it.
    await run("chmod", ["-R", "u+rwX,go+rX,go-w", tree]);
    // It may name passwords.
    if (app === "server") await chmod(join(tree, configOf(app)), 0o640);
    const file = join(out, `${name}_${debianVersion(version)}_${architecture}.deb`);
    await mkdir(out, { recursive: true });
    await run("dpkg-deb", ["--root-owner-group", "-Zzstd", "--build", tree, file], {
      env: { ...process.env, SOURCE_DATE_EPOCH: String(epoch) },
    });
    return file;
  } finally {
    await rm(tree, { recursive: true, force: true });
  }
}

/** Debian sorts "~" before everything: 0.2.0~rc.1 is older than 0.2.0. */
const debianVersion = (version) => version.replace("-", "~");
const configOf = (app) => `etc/flashline/${app}.json`;

/** Node.js, the bundle, and what that finds beside itself. */
async function fillProgram(app, tree, version, architecture) {
  const home = join(tree, `usr/lib/flashline-${app}`);
  await place(join(await packagedNode(architecture), "bin/node"), join(home, "bin/node"), 0o755);
  await fillApp(app, join(home, "app"), version);
}

/**
 * All of a program but its Node.js, in `folder`: its bundle, its page and its modules. The pages must be built.
 * @param {"agent" | "server"} app
 */
export async function fillApp(app, folder, version) {
  const { page, modules, more } = APPS[app];
  await bundleInto(folder, app);
  const manifest = { name: `@flashline/${app}`, version, type: "module" };
  const lines = `${JSON.stringify(manifest, undefined, 2)}\n`;
  await write(join(folder, `apps/${app}/package.json`), lines);
  for (const path of [`apps/web/dist/${page}`, ...more]) {
    await cp(join(root, path), join(folder, path), { recursive: true });
  }
  await copyModules(await modules(), folder);
}

/** Where the system looks for what it is to do with the program. */
async function fillSystem(app, tree) {
  const name = `flashline-${app}`;
  const source = (file) => join(deploy, name, file);
  const target = (path) => join(tree, path);
  await write(target(`usr/bin/${name}`), await template(join(deploy, "service/launcher"), app));
  await chmod(target(`usr/bin/${name}`), 0o755);
  const unit = `${name}.service`;
  await place(source(unit), target(`usr/lib/systemd/system/${unit}`));
  await place(source("sysusers.conf"), target(`usr/lib/sysusers.d/${name}.conf`));
  await place(source(`${app}.json`), target(configOf(app)));
  if (app !== "agent") return;
  await write(target("usr/lib/udev/rules.d/60-flashline.rules"), await udevRules());
  await place(source("versions.sh"), target(`usr/lib/${name}/versions.sh`));
  await place(source("kiosk"), target(`usr/lib/${name}/kiosk`), 0o755);
  const entry = "flashline-kiosk.desktop";
  await place(source(entry), target(`usr/share/${name}/${entry}`));
}

/** Those that `flashline-agent doctor` writes where there is no package. */
async function udevRules() {
  await acceptSources();
  const rules = await import("../../apps/agent/src/doctor/udev-rule.ts");
  return rules.udevRules("Of the package flashline-agent");
}

async function fillDocuments(app, tree, architecture) {
  const folder = join(tree, `usr/share/doc/flashline-${app}`);
  await place(join(deploy, "copyright"), join(folder, "copyright"));
  await place(join(root, "docs", APPS[app].document), join(folder, APPS[app].document));
  await place(join(await packagedNode(architecture), "LICENSE"), join(folder, "node.txt"));
  const inside = [
    ...(await neededBy(join(root, `apps/${app}`))),
    ...(await neededBy(join(root, "apps/web"))),
  ];
  await write(join(folder, "third-party.txt"), await licencesOf([...new Set(inside)].sort()));
}

/** What dpkg reads: the description, files that are the administrator's, and scripts. */
async function fillControl(app, tree, values) {
  const folder = join(tree, "DEBIAN");
  const source = (file) => join(deploy, `flashline-${app}`, file);
  await write(join(folder, "control"), await template(source("control"), app, values));
  await write(join(folder, "conffiles"), `/${configOf(app)}\n`);
  for (const script of ["postinst", "prerm", "postrm"]) {
    const shared = await template(join(deploy, "service", script), app);
    const own = await readFile(source(script), "utf8").catch(() => "#SERVICE#\n");
    const text = own.replace(/^( *)#SERVICE#\n/m, (_, indent) =>
      shared.replace(/^(?=.)/gm, indent),
    );
    await write(join(folder, script), text);
    await chmod(join(folder, script), 0o755);
  }
}

/** The file with the values in the places of their names. @throws Error where one has no value */
async function template(file, app, values = {}) {
  const all = { NAME: `flashline-${app}`, CONFIG: `/${configOf(app)}`, ...values };
  return (await readFile(file, "utf8")).replace(/@([A-Z]+)@/g, (_, name) => {
    if (all[name] === undefined) throw new Error(`${file} asks for ${name}`);
    return all[name];
  });
}

async function place(source, target, mode = 0o644) {
  await mkdir(dirname(target), { recursive: true });
  await cp(source, target);
  await chmod(target, mode);
}

async function write(target, text) {
  await mkdir(dirname(target), { recursive: true });
  await writeFile(target, text);
}

/** Bytes of all files below it. */
async function sizeOf(folder) {
  const files = await readdir(folder, { recursive: true, withFileTypes: true });
  const sizes = files
    .filter((entry) => entry.isFile())
    .map(async ({ parentPath, name }) => (await stat(join(parentPath, name))).size);
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
}
