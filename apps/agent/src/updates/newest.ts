import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { compareVersions, UpdateVersion } from "@flashline/contract";
import { writeDurably } from "@flashline/durable-files";

/** The newest version that ever ran healthy on this PC. No update changes it back; a package that root installs begins it anew. */
export type Newest =
  | { readonly kind: "none" }
  | { readonly kind: "known"; readonly version: string }
  /** It was there once. Taken for none, damage to one file would let an old version in. */
  | { readonly kind: "unreadable"; readonly why: string };

const FILE = "newest";

export async function readNewest(versions: string): Promise<Newest> {
  const file = join(versions, FILE);
  try {
    const text = (await readFile(file, "utf8")).trim();
    const parsed = UpdateVersion.safeParse(text);
    if (parsed.success) return { kind: "known", version: parsed.data };
    return { kind: "unreadable", why: `${file} holds no version.` };
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") {
      return { kind: "none" };
    }
    const reason = error instanceof Error ? error.message : String(error);
    return { kind: "unreadable", why: `${file} cannot be read: ${reason}` };
  }
}

/** Notes that a version is healthy. Answers with what is the newest now; one that cannot be read stays as it is. */
export async function noteHealthy(versions: string, version: string): Promise<Newest> {
  const known = await readNewest(versions);
  const isNewer =
    known.kind === "none" ||
    (known.kind === "known" && compareVersions(version, known.version) > 0);
  // A checkout's own builds may be called otherwise.
  if (!isNewer || !UpdateVersion.safeParse(version).success) return known;
  await writeDurably(join(versions, FILE), `${version}\n`);
  return { kind: "known", version };
}
