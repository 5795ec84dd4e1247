// Fails when folders of one workspace import each other in a circle, at any depth, types included; and when workspaces do.
// Tests, and what is there for them, may look at everything.
// Biome finds circles of files; two folders that need each other are one folder, and no file shows it.
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";

/** Still to be mended. A line that is no longer true fails too, so that the list only becomes shorter. */
const KNOWN = [
  "packages/dfu-core: parts → quirks → parts",
  "packages/dfu-core: protocol → quirks → protocol",
  "packages/virtual-stm32: option-bytes → parts → option-bytes",
  "apps/agent: jobs → station → jobs",
  "apps/server: auth → http → auth",
  "apps/server: db → queue → db",
];

const IMPORT =
  /(?:^|[\s;}])(?:import|export)\s(?:[^"';]*?\sfrom\s)?"([^"]+)"|\bimport\("([^"]+)"\)/g;

/**
 * @param imports file → files that it imports, as paths below one folder, with "/"
 * @returns {string[]} one line a circle: "session/link → session/flash → session/link (session/link/a.ts imports …)"
 */
export function circlesOf(imports) {
  const between = new Map();
  for (const [from, targets] of imports) {
    for (const to of targets) addEdge(between, from, to);
  }
  return [...between.keys()].flatMap((folder) => circleThrough(folder, between)).sort();
}

/** The first folders in which two paths differ need each other; a file beside a folder belongs to none. */
function addEdge(between, from, to) {
  const a = dirname(from).split("/");
  const b = dirname(to).split("/");
  const depth = a.findIndex((name, index) => name !== b[index]);
  if (depth === -1 || b.length <= depth || a[0] === "." || b[0] === ".") return;
  const [source, target] = [a, b].map((names) => names.slice(0, depth + 1).join("/"));
  const targets = between.get(source) ?? new Map();
  if (!targets.has(target)) targets.set(target, `${from} imports ${to}`);
  between.set(source, targets);
}

/** The shortest way from a folder back to itself, told once, from the folder that comes first by name. */
function circleThrough(start, between) {
  const ways = [[start]];
  const seen = new Set();
  for (let way = ways.shift(); way !== undefined; way = ways.shift()) {
    for (const next of between.get(way.at(-1))?.keys() ?? []) {
      if (next === start) {
        if (way.some((folder) => folder < start)) return [];
        const steps = [...way, start];
        const why = steps.slice(1).map((to, index) => between.get(steps[index]).get(to));
        return [`${steps.join(" → ")}\n    ${why.join("\n    ")}`];
      }
      if (!seen.has(next)) ways.push([...way, next]);
      seen.add(next);
    }
  }
  return [];
}

/** What a file imports, by the words in its text. */
export function importsIn(text) {
  return [...text.matchAll(IMPORT)].map(([, named, dynamic]) => named ?? dynamic);
}

const root = dirname(dirname(fileURLToPath(import.meta.url)));

function filesOf(folder) {
  return readdirSync(folder, { recursive: true }).filter(
    (file) => /\.tsx?$/.test(file) && !/\.test\.tsx?$|(^|\/)(generated|testing)\//.test(file),
  );
}

function main() {
  const workspaces = ["packages", "apps"].flatMap((kind) =>
    readdirSync(join(root, kind)).map((name) => `${kind}/${name}`),
  );
  const nameOf = (workspace) =>
    JSON.parse(readFileSync(join(root, workspace, "package.json"), "utf8")).name;
  const names = new Set(workspaces.map(nameOf));
  const problems = [];
  const across = [];
  for (const workspace of workspaces) {
    const folder = join(root, workspace, "src");
    const own = nameOf(workspace);
    const imports = [];
    for (const file of filesOf(folder)) {
      const found = importsIn(readFileSync(join(folder, file), "utf8"));
      const near = found.filter((name) => name.startsWith("."));
      imports.push([
        file,
        near.map((name) => relative(folder, resolve(folder, dirname(file), name))),
      ]);
      const others = found.map((name) => name.split("/").slice(0, 2).join("/"));
      const targets = others.filter((name) => names.has(name) && name !== own);
      across.push([
        `${own.split("/")[1]}/${file}`,
        targets.map((name) => `${name.split("/")[1]}/index`),
      ]);
    }
    problems.push(...circlesOf(imports).map((line) => `${workspace}: ${line}`));
  }
  problems.push(...circlesOf(across).map((line) => `workspaces: ${line}`));
  const unknown = problems.filter((problem) => !KNOWN.includes(problem.split("\n")[0]));
  const mended = KNOWN.filter((known) => !problems.some((problem) => problem.startsWith(known)));
  for (const problem of unknown) process.stderr.write(`${problem}\n`);
  for (const known of mended) process.stderr.write(`no circle any more, take it out: ${known}\n`);
  if (unknown.length + mended.length > 0) process.exitCode = 1;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) main();
