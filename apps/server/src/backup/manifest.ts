import { z } from "zod";

/** The file that makes a folder a back-up. It is written last. */
export const MANIFEST = "manifest.json";

const Name = z.string().regex(/^[a-z_][a-z0-9_]*$/);
const Count = z.number().int().min(0);
const Sha256 = z.string().regex(/^[0-9a-f]{64}$/);
/** Nothing that a manifest names lies outside its folder. */
const Path = z
  .string()
  .regex(/^(database\/[a-z0-9_]+\.copy\.gz|images\/[0-9a-f]{2}\/[0-9a-f]{64}|secrets\/[a-z.-]+)$/);

const FileRecord = z.object({ path: Path, bytes: Count, sha256: Sha256 });
export type FileRecord = z.infer<typeof FileRecord>;

const TableRecord = z.object({
  name: Name,
  columns: z.array(Name).min(1),
  rows: Count,
  /** Of the rows as PostgreSQL's COPY writes them, before they are compressed. */
  sha256: Sha256,
  path: Path,
});
export type TableRecord = z.infer<typeof TableRecord>;

/** What a back-up holds and where it comes from. */
export const Manifest = z.object({
  flashlineBackup: z.literal(1),
  /** Of Flashline. */
  version: z.string(),
  /** ISO time of the database's snapshot. */
  createdAt: z.iso.datetime(),
  hostname: z.string(),
  postgres: z.object({ version: z.string(), embedded: z.boolean() }),
  /** The schema, by the migrations that made it, in their order. */
  migrations: z.array(z.object({ name: z.string(), checksum: Sha256 })).min(1),
  /** In an order in which each table's references are there already. */
  tables: z.array(TableRecord),
  sequences: z.array(z.object({ name: Name, value: z.string().regex(/^\d+$/) })),
  /** Images that the database knows and the server lacked, or held damaged. */
  missingImages: z.array(Sha256),
  files: z.array(FileRecord),
});
export type Manifest = z.infer<typeof Manifest>;
