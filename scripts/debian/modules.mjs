// What of node_modules goes into a package, and under which licences.
import { existsSync } from "node:fs";
import { cp, readdir, readFile } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { root } from "../stamp.mjs";

/** Nobody reads these on a machine that runs the program. Prisma brings a compiler for each kind of database. */
const LEFT_OUT =
  /\.map$|\.d\.[cm]?ts$|\/@types\/|\.bin$|query_compiler_\w+\.(?:cockroachdb|mysql|sqlite|sqlserver)\./;
const LICENCE = /^(?:licen[cs]e|copying|notice)(?:$|[.-])/i;

/**
 * Folders of all packages of others that the workspace `folder` needs when it runs, sorted; `names`: of these alone.
 * @param {readonly string[]} [names]
 * @returns {Promise<string[]>}
 */
export async function neededBy(folder, names) {
  const found = new Set();
  const waiting = (names ?? (await namesIn(folder))).map((name) => ({ from: folder, name }));
  for (let next = waiting.shift(); next; next = waiting.shift()) {
    const folder = folderOf(next.from, next.name);
    // An optional one is there for one platform.
    if (folder === undefined || found.has(folder)) continue;
    found.add(folder);
    for (const name of await namesIn(folder)) waiting.push({ from: folder, name });
  }
  return [...found].filter((folder) => !folder.includes("/@flashline/")).sort();
}

async function namesIn(folder) {
  const { dependencies, optionalDependencies } = await readManifest(folder);
  const names = Object.keys({ ...dependencies, ...optionalDependencies });
  return names.filter((name) => !name.startsWith("@types/"));
}

const readManifest = async (folder) =>
  JSON.parse(await readFile(join(folder, "package.json"), "utf8"));

/** As Node.js looks for a package. */
function folderOf(from, name) {
  for (let folder = from; ; folder = dirname(folder)) {
    const candidate = join(folder, "node_modules", name);
    if (existsSync(join(candidate, "package.json"))) return candidate;
    if (folder === root) return undefined;
  }
}

/** Copies the folders to the places that they have in the checkout. */
export async function copyModules(folders, target) {
  for (const folder of folders) {
    await cp(folder, join(target, relative(root, folder)), {
      recursive: true,
      verbatimSymlinks: true,
      filter: (path) => !LEFT_OUT.test(path) && !isNested(folder, path),
    });
  }
}

/** What lies in a package's own node_modules is in the list by itself, where it is needed. */
const isNested = (folder, path) => relative(folder, path).split("/").includes("node_modules");

/** The packages' names, versions, and the words of their licences. */
export async function licencesOf(folders) {
  const texts = await Promise.all(
    folders.map(async (folder) => {
      const { name, version, license } = await readManifest(folder);
      const files = (await readdir(folder)).filter((file) => LICENCE.test(file)).sort();
      const words = await Promise.all(files.map((file) => readFile(join(folder, file), "utf8")));
      const head = `${name} ${version} (${license ?? "see below"})`;
      return [head, "=".repeat(head.length), ...words].join("\n\n");
    }),
  );
  return `${texts.join("\n\n\n")}\n`;
}
