// The two web pages, built when they are missing or older than their sources. Servers and agents serve them from
// apps/web/dist.
import { spawn } from "node:child_process";
import { existsSync, readdirSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const web = join(root, "apps/web");
const PAGES = ["dist/dashboard/index.html", "dist/station/index.html"].map((page) =>
  join(web, page),
);
/** What the pages are made of; package-lock.json stands for every dependency. */
const SOURCES = [
  join(web, "src"),
  join(web, "package.json"),
  join(web, "vite.config.ts"),
  join(web, "vite.pages.ts"),
  join(web, "vite.compress.ts"),
  join(root, "packages/contract/src"),
  join(root, "package-lock.json"),
];

/** @returns {Promise<string[]>} what was done, for a person */
export async function prepareWeb() {
  if (!isStale()) return [];
  await build();
  return ["built the web pages"];
}

function isStale() {
  if (!PAGES.every((page) => existsSync(page))) return true;
  const oldest = Math.min(...PAGES.map((page) => statSync(page).mtimeMs));
  return SOURCES.some((source) => newest(source) > oldest);
}

function newest(path) {
  if (!existsSync(path)) return 0;
  const { mtimeMs } = statSync(path);
  if (!statSync(path).isDirectory()) return mtimeMs;
  return Math.max(mtimeMs, ...readdirSync(path).map((name) => newest(join(path, name))));
}

/** What the build says is shown only when it fails. */
function build() {
  return new Promise((resolve, reject) => {
    const said = [];
    const child = spawn("npm", ["run", "build", "-w", "@flashline/web"], { cwd: root });
    child.stdout.on("data", (bytes) => said.push(bytes));
    child.stderr.on("data", (bytes) => said.push(bytes));
    child.once("error", reject);
    child.once("close", (code) => {
      if (code === 0) resolve();
      else reject(new Error(`the web pages could not be built:\n${Buffer.concat(said)}`));
    });
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  try {
    for (const line of await prepareWeb()) process.stdout.write(`${line}\n`);
  } catch (error) {
    process.stderr.write(`${error.message}\n`);
    process.exitCode = 1;
  }
}
