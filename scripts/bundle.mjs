// Bundles of our sources: of an app for `start.mjs`, of one for a Debian package, and of one program whole for the tests' virtual
// machine.
import { createHash, randomBytes } from "node:crypto";
import { statSync } from "node:fs";
import { mkdir, readdir, readFile, rename, rm, stat, utimes, writeFile } from "node:fs/promises";
import { dirname, join, relative, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { build } from "esbuild";
import { cache, root, stampOf, stampOfFile } from "./stamp.mjs";

const home = join(cache, "start");
/** A command that found an older bundle may still be reading it. */
const KEPT_MS = 3_600_000;

/**
 * Packages that go into the bundle. The others are imported from node_modules: they are native, or read files beside them, or
 * packages that do import them too, and must get the same copy.
 */
const BUNDLED = { agent: ["commander"], cli: ["commander", "zod"], server: ["commander"] };

/**
 * Bundles the sources of `apps/APP` and records what they were, so that `start` finds the bundle until one of them changes.
 * Several may do this at once: each file appears whole, and the last stamp counts.
 * @returns {Promise<string>} the bundle's main file
 */
export async function makeBundle(app) {
  const began = Date.now();
  const { outputFiles, metafile } = await build({
    ...OPTIONS,
    plugins: [packages(BUNDLED[app]), places((path) => JSON.stringify(pathToFileURL(path).href))],
    entryPoints: [join(root, "apps", app, "src/main.ts")],
    outdir: home,
    entryNames: "main",
    splitting: true,
    write: false,
    metafile: true,
  });
  const main = join(await place(app, outputFiles), "main.mjs");
  const files = sourcesOf(metafile);
  const stamps = files.map((file) => [file, stampOfFile(file)]);
  // A file that was written to meanwhile may have been read before: then the bundle is for this start only.
  if (!files.some((file) => isYoung(file, began))) await writeStamp(app, { root, main, stamps });
  return main;
}

/**
 * One file of a program and all that it imports, for the virtual machine: emulated, it reads a thousand small files slowly. It
 * lies in `dist` of the entry's workspace, one folder deep like the sources: what they find beside themselves, and native packages
 * in node_modules, the bundle finds as well. Make bundles before the machine boots: it may remember that a file was not there.
 * @param {string} workspace from the root, e.g. "apps/cli"
 * @param {string} entry from there
 * @returns {Promise<string>} the file
 */
export async function bundleWhole(workspace, entry, name) {
  const outfile = join(root, workspace, "dist", `bundled-${name}.mjs`);
  const entryPoints = [join(root, workspace, entry)];
  // Names stay: messages and stacks show them. What is between them need not be read.
  const smaller = { minifyWhitespace: true, minifySyntax: true };
  await build({ ...OPTIONS, ...smaller, entryPoints, outfile, external: ["usb"] });
  return outfile;
}

/**
 * An app for a package: `main.mjs` and what it loads later, in `folder`. What the sources find beside themselves they look for in
 * `folder` as in the root of a checkout: put it there.
 * @returns {Promise<void>}
 */
export async function bundleInto(folder, app) {
  const from = (path) => JSON.stringify(relative(root, path));
  await build({
    ...OPTIONS,
    // The server's packages read files beside them; all that the agent has is in its bundle but the one that is native.
    plugins: [
      ...(app === "server" ? [packages(BUNDLED[app])] : []),
      places((path) => `new URL(${from(path)}, import.meta.url).href`),
    ],
    external: ["usb"],
    entryPoints: [join(root, "apps", app, "src/main.ts")],
    outdir: folder,
    entryNames: "main",
    splitting: true,
    minifyWhitespace: true,
    minifySyntax: true,
  });
}

const OPTIONS = {
  absWorkingDir: root,
  bundle: true,
  platform: "node",
  format: "esm",
  target: "node20",
  outExtension: { ".js": ".mjs" },
  conditions: ["source"],
  // The same everywhere, and one file less that the bundle depends on.
  tsconfigRaw: { compilerOptions: { target: "es2023", verbatimModuleSyntax: true } },
  // CommonJS packages inside the bundle call it.
  banner: {
    js: 'import { createRequire as requireOf } from "node:module"; const require = requireOf(import.meta.url);',
  },
  logLevel: "silent",
};

/** Leaves packages out of the bundle, but for our own and those in the list. */
function packages(bundled) {
  return {
    name: "packages",
    setup(build) {
      build.onResolve({ filter: /^[^./]/ }, ({ path }) => {
        const [name] = path.split("/");
        const inside = name === "@flashline" || bundled.includes(name);
        return inside ? undefined : { path, external: true };
      });
    },
  };
}

/** Sources that look for files beside themselves find them from the bundle as well: `urlOf` a source is code that says where it is. */
function places(urlOf) {
  return {
    name: "places",
    setup(build) {
      build.onLoad({ filter: /\.ts$/ }, async ({ path }) => {
        const text = await readFile(path, "utf8");
        if (!text.includes("import.meta.url")) return undefined;
        return { contents: text.replaceAll("import.meta.url", urlOf(path)), loader: "ts" };
      });
    },
  };
}

/** Our own files by name; what `npm ci` unpacks by npm's own list of it. */
function sourcesOf({ inputs }) {
  const own = Object.keys(inputs)
    .map((file) => resolve(root, file))
    .filter((file) => !file.includes("/node_modules/"));
  const packages = own.map((file) => join(file.slice(0, file.indexOf("/src/")), "package.json"));
  const others = ["scripts/bundle.mjs", "node_modules/.package-lock.json"];
  return [...new Set([...own, ...packages, ...others.map((file) => join(root, file))])];
}

/** A file's time may lag behind the clock by some milliseconds. */
const LAG_MS = 50;

function isYoung(file, began) {
  const time = statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  return time > began - LAG_MS && time <= Date.now();
}

/** The folder with the files in it, named by what they hold. */
async function place(app, outputs) {
  const hash = createHash("sha256");
  for (const { path, contents } of outputs) hash.update(path).update("\0").update(contents);
  const folder = join(home, `${app}-${hash.digest("hex").slice(0, 16)}`);
  const unfinished = join(home, `new-${randomBytes(8).toString("hex")}`);
  await mkdir(unfinished, { recursive: true });
  try {
    for (const { path, contents } of outputs) {
      await writeFile(join(unfinished, path.slice(home.length + 1)), contents);
    }
    await rename(unfinished, folder);
  } catch (error) {
    await rm(unfinished, { recursive: true, force: true });
    // Another one was faster, or an earlier one had the same sources.
    if (error.code !== "ENOTEMPTY" && error.code !== "EEXIST") throw error;
  }
  return folder;
}

async function writeStamp(app, stamp) {
  const file = stampOf(app);
  const before = await readFile(file, "utf8").then(JSON.parse, () => undefined);
  const unfinished = `${file}.${randomBytes(8).toString("hex")}`;
  await writeFile(unfinished, JSON.stringify(stamp));
  await rename(unfinished, file);
  const now = new Date();
  // Until now others could find it.
  if (before !== undefined) await utimes(dirname(before.main), now, now).catch(() => undefined);
  await utimes(dirname(stamp.main), now, now);
  await removeOld();
}

async function removeOld() {
  const stamped = new Set();
  for (const name of await readdir(home)) {
    if (!name.endsWith(".json")) continue;
    const { main } = JSON.parse(await readFile(join(home, name), "utf8"));
    stamped.add(dirname(main));
  }
  for (const name of await readdir(home)) {
    const file = join(home, name);
    if (name.endsWith(".json") || stamped.has(file)) continue;
    const { mtimeMs } = await stat(file);
    if (Date.now() - mtimeMs > KEPT_MS) await rm(file, { recursive: true, force: true });
  }
}
