// Fails when folders of one workspace import each other in a circle, at any depth, types included; and when workspaces do.
// Tests, and what is there for them, may look at everything.
// Biome finds circles of files; two folders that need each other are one folder, and no file shows it.
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const IMPORT =
  /(?:^|[\s;}])(?:import|export)\s(?:[^"';]*?\sfrom\s)?"([^"]+)"|\bimport\("([^"]+)"\)/g;

/**
 * @param imports file → files that it imports, as paths below one folder, with "/"
 * @returns {string[]} every circle: "session/link → session/flash → session/link", and below it which imports make it
 */
export function circlesOf(imports) {
  const between = new Map();
  for (const [from, targets] of imports) {
    for (const to of targets) addEdge(between, from, to);
  }
  const circles = new Map();
  for (const [folder, targets] of between) {
    for (const target of targets.keys()) {
      const way = shortestWay(target, folder, between);
      if (way === undefined) continue;
      const circle = fromFirst(way);
      circles.set(circle.join(), told(circle, between));
    }
  }
  return [...circles.values()].sort();
}

/** The first folders in which two paths differ, or the file itself where it lies beside the folder of the other. */
function addEdge(between, from, to) {
  const a = from.split("/");
  const b = to.split("/");
  const depth = a.findIndex((name, index) => name !== b[index]);
  const source = a.slice(0, depth + 1).join("/");
  const target = b.slice(0, depth + 1).join("/");
  // Two files of one folder: Biome's business.
  if (depth === -1 || (source === from && target === to)) return;
  const targets = between.get(source) ?? new Map();
  if (!targets.has(target)) targets.set(target, `${from} imports ${to}`);
  between.set(source, targets);
}

/** From one to the other by imports, both included. */
function shortestWay(start, end, between) {
  const ways = [[start]];
  const seen = new Set([start]);
  for (let way = ways.shift(); way !== undefined; way = ways.shift()) {
    if (way.at(-1) === end) return way;
    for (const next of between.get(way.at(-1))?.keys() ?? []) {
      if (!seen.has(next)) ways.push([...way, next]);
      seen.add(next);
    }
  }
  return undefined;
}

/** A circle begins with what comes first by name, so that it is told once. */
function fromFirst(circle) {
  const first = circle.indexOf([...circle].sort()[0]);
  return [...circle.slice(first), ...circle.slice(0, first)];
}

function told(circle, between) {
  const steps = [...circle, circle[0]];
  const why = steps.slice(1).map((to, index) => between.get(steps[index]).get(to));
  return `${steps.join(" → ")}\n    ${why.join("\n    ")}`;
}

/** What a file imports, by the words in its text. */
export function importsIn(text) {
  return [...text.matchAll(IMPORT)].map(([, named, dynamic]) => named ?? dynamic);
}

const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** Workspace → the folder of its code. */
function workspaces() {
  const found = ["packages", "apps"].flatMap((kind) =>
    readdirSync(join(root, kind)).map((name) => [`${kind}/${name}`, "src"]),
  );
  return [...found, ["demo", "src"], ["test", "."]];
}

function filesOf(folder) {
  return readdirSync(folder, { recursive: true }).filter(
    (file) =>
      /\.tsx?$/.test(file) &&
      !/\.test\.tsx?$|(^|\/)(generated|testing|dist|node_modules)\//.test(file),
  );
}

function main() {
  const nameOf = (workspace) =>
    JSON.parse(readFileSync(join(root, workspace, "package.json"), "utf8")).name;
  const names = new Set(workspaces().map(([workspace]) => nameOf(workspace)));
  const problems = [];
  const across = [];
  for (const [workspace, code] of workspaces()) {
    const folder = join(root, workspace, code);
    const own = nameOf(workspace);
    const imports = [];
    for (const file of filesOf(folder)) {
      const found = importsIn(readFileSync(join(folder, file), "utf8"));
      const near = found.filter((name) => name.startsWith("."));
      const targets = near.map((name) => relative(folder, resolve(folder, dirname(file), name)));
      imports.push([file, targets.filter((target) => !target.startsWith(".."))]);
      const others = found.map((name) => name.split("/").slice(0, 2).join("/"));
      const workspacesOf = others.filter((name) => names.has(name) && name !== own);
      across.push([`${own}/${file}`, workspacesOf.map((name) => `${name}/index.ts`)]);
    }
    problems.push(...circlesOf(imports).map((circle) => `${workspace}: ${circle}`));
  }
  problems.push(...circlesOf(across).map((circle) => `workspaces: ${circle}`));
  for (const problem of problems) process.stderr.write(`${problem}\n`);
  if (problems.length > 0) process.exitCode = 1;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) main();
