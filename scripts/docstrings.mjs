// Fails when something that a package exports has no docstring where it is declared.
// A const and a type of one name need one docstring between them. Members need one where their name does not say it all: no program can tell.
import { readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseSync } from "oxc-parser";

const PACKAGES = ["dfu-core", "usb-host", "virtual-stm32", "signing", "contract", "verdict"];

/** A docstring of fewer letters than this says nothing. */
const LEAST_LETTERS = 12;

/**
 * What one file gives to others.
 * @returns {{ names: Map<string, { documented: boolean, line: number }>, from: Map<string, { file: string, name: string }>, all: string[] }}
 *   its own declarations by exported name, what it passes on by name ("*": a whole file as one name), and files that it passes on whole
 */
export function exportsOf(file, text) {
  const { program, comments } = parseSync(file, text);
  const names = new Map();
  const from = new Map();
  const all = [];
  const declared = new Map();
  const imported = new Map();
  const note = (map, name, start) => {
    const before = map.get(name);
    const documented = isDocumented(text, comments, start) || before?.documented === true;
    map.set(name, { documented, line: before?.line ?? text.slice(0, start).split("\n").length });
  };
  for (const statement of program.body) {
    const source = statement.source?.value;
    const declaration = statement.declaration ?? statement;
    if (statement.type === "ImportDeclaration") {
      for (const one of statement.specifiers) {
        const name =
          one.imported?.name ?? (one.type === "ImportDefaultSpecifier" ? "default" : "*");
        imported.set(one.local.name, { file: source, name });
      }
    } else if (statement.type === "ExportAllDeclaration") {
      if (statement.exported) from.set(statement.exported.name, { file: source, name: "*" });
      else all.push(source);
    } else if (statement.type === "ExportNamedDeclaration" && statement.declaration === null) {
      for (const { local, exported } of statement.specifiers) {
        if (source) from.set(exported.name, { file: source, name: local.name });
        else if (imported.has(local.name)) from.set(exported.name, imported.get(local.name));
        else names.set(exported.name, declared.get(local.name) ?? { documented: false, line: 1 });
      }
    } else {
      const exported = statement.type.startsWith("Export");
      for (const name of namesOf(declaration)) {
        note(declared, name, statement.start);
        if (exported) names.set(name, declared.get(name));
      }
    }
  }
  return { names, from, all };
}

function namesOf(declaration) {
  if (declaration.type === "VariableDeclaration") {
    return declaration.declarations.flatMap(({ id }) => boundIn(id));
  }
  return declaration.id ? [declaration.id.name] : [];
}

function boundIn(pattern) {
  if (pattern.type === "Identifier") return [pattern.name];
  const inside = pattern.properties ?? pattern.elements ?? [];
  return inside.flatMap((one) => boundIn(one?.value ?? one?.argument ?? one));
}

function isDocumented(text, comments, start) {
  const last = comments.filter(({ end }) => end <= start).at(-1);
  if (last?.type !== "Block" || !last.value.startsWith("*")) return false;
  if (text.slice(last.end, start).trim() !== "") return false;
  return last.value.replace(/[^\p{L}]/gu, "").length >= LEAST_LETTERS;
}

/**
 * @param {string[]} entries files that a package's exports name
 * @param {(file: string) => string} read a file's text
 * @returns {string[]} "file:line name" of everything without a docstring, each once
 */
export function undocumentedIn(entries, read) {
  const known = new Map();
  const missing = new Set();
  const at = (file) => {
    if (!known.has(file)) known.set(file, exportsOf(file, read(file)));
    return known.get(file);
  };
  const seen = new Set();
  const visit = (file, name) => {
    if (seen.has(`${file} ${name}`)) return true;
    seen.add(`${file} ${name}`);
    const { names, from, all } = at(file);
    const near = (target) => (target.startsWith(".") ? resolve(dirname(file), target) : undefined);
    if (name === "*") {
      for (const one of [...names.keys(), ...from.keys()]) visit(file, one);
      for (const target of all.map(near)) if (target) visit(target, "*");
      return true;
    }
    const own = names.get(name);
    if (own) {
      if (!own.documented) missing.add(`${file}:${own.line} ${name}`);
      return true;
    }
    const passed = from.get(name);
    if (passed) {
      const target = near(passed.file);
      return target === undefined || visit(target, passed.name);
    }
    return all.map(near).some((target) => target !== undefined && visit(target, name));
  };
  for (const entry of entries) visit(entry, "*");
  return [...missing].sort();
}

const root = dirname(dirname(fileURLToPath(import.meta.url)));

function entriesOf(name) {
  const folder = join(root, "packages", name);
  const { exports } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  return Object.values(exports).map(({ source }) => resolve(folder, source));
}

function main() {
  const read = (file) => readFileSync(file, "utf8");
  const missing = PACKAGES.flatMap((name) => undocumentedIn(entriesOf(name), read));
  for (const line of missing) process.stderr.write(`no docstring: ${relative(root, line)}\n`);
  if (missing.length > 0) process.exitCode = 1;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) main();
