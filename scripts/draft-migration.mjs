// Prints the SQL from one datamodel to another, for drafting a migration: node scripts/draft-migration.mjs URL [OLD.prisma]
// URL is any PostgreSQL that may be connected to; nothing is written there. Without OLD.prisma the SQL starts from nothing.
// Prisma's schema engine runs as WebAssembly here, because its binary is downloaded from a host that closed networks refuse.
// Read the draft, add what the datamodel cannot say, and check it in as prisma/migrations/NNNN_name/migration.sql.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const server = createRequire(join(root, "apps/server/package.json"));
const folder = dirname(server.resolve("@prisma/schema-engine-wasm"));
const load = (name) => import(pathToFileURL(server.resolve(name)).href);

const [url, old] = process.argv.slice(2);
if (url === undefined) {
  process.stderr.write("node scripts/draft-migration.mjs URL [OLD.prisma]\n");
  process.exit(2);
}

const engine = await import(pathToFileURL(join(folder, "schema_engine_bg.js")).href);
const wasm = new WebAssembly.Module(readFileSync(join(folder, "schema_engine_bg.wasm")));
const { exports } = new WebAssembly.Instance(wasm, { "./schema_engine_bg.js": engine });
engine.__wbg_set_wasm(exports);
exports.__wbindgen_start();

const { PrismaPg } = await load("@prisma/adapter-pg");
const { bindMigrationAwareSqlAdapterFactory } = await load("@prisma/driver-adapter-utils");
const adapter = bindMigrationAwareSqlAdapterFactory(new PrismaPg({ connectionString: url }));
const prisma = await engine.SchemaEngine.new({ datamodels: undefined }, () => {}, adapter);

const datamodel = (path) => ({
  tag: "schemaDatamodel",
  files: [{ path, content: readFileSync(path, "utf8") }],
  configDir: root,
});
const { stdout } = await prisma.diff({
  from: old === undefined ? { tag: "empty" } : datamodel(old),
  to: datamodel(join(root, "prisma/schema.prisma")),
  script: true,
  exitCode: null,
  shadowDatabaseUrl: null,
  filters: { externalTables: [], externalEnums: [] },
});
process.stdout.write(`${stdout}\n`, () => process.exit(0));
