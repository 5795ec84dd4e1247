import { readFile, writeFile } from "node:fs/promises";
import { FlashlineError } from "@flashline/contract";
import { z } from "zod";
import { verifyRepository } from "../audit/verify.repository.ts";
import { type Head, type Verified, verifyLedger } from "../audit/verify.ts";
import type { Database } from "../db/database.ts";
import { VERSION } from "../version.ts";

/** A command that reads the ledger, or says what may stand in it. */
export type AuditCommand =
  | { readonly name: "audit kinds" }
  | { readonly name: "audit verify"; readonly heads: readonly string[] }
  | { readonly name: "audit head"; readonly to: string | undefined };

/** What `audit head` writes: where the chain stood. */
const HeadFile = z.object({
  format: z.literal("flashline-ledger-head-1"),
  /** Heads that were exported before servers had an identity have none. */
  server: z.uuid().optional(),
  position: z.number().int().positive(),
  hash: z.string().regex(/^[0-9a-f]{64}$/),
  sealedAt: z.string(),
  exportedAt: z.string(),
  version: z.string(),
});

async function readHead(file: string): Promise<Head> {
  try {
    return HeadFile.parse(JSON.parse(await readFile(file, "utf8")));
  } catch (cause) {
    const message = `${file} is no exported head of a ledger, or it is damaged.`;
    throw new FlashlineError("request.invalid", message, { cause });
  }
}

function report({ events, head, open, problems }: Verified): readonly string[] {
  const at = head === null ? "" : `, the last one at position ${head.position}: ${head.hash}`;
  const oldest = open.oldest === null ? "" : `, the oldest of ${open.oldest.toISOString()}`;
  return [
    `${events} sealed events${at}`,
    `${open.events} events are not sealed yet${oldest}`,
    problems.length === 0
      ? "The ledger is as it was written."
      : "THE LEDGER IS NOT AS IT WAS WRITTEN:",
    ...problems.map((problem) => `  ${problem}`),
  ];
}

async function exportHead(db: Database, to: string | undefined): Promise<string> {
  const head = await verifyRepository(db.sql).head();
  if (head === undefined) {
    throw new FlashlineError("request.not_found", "Nothing is sealed yet: the ledger has no head.");
  }
  const content: z.output<typeof HeadFile> = {
    format: "flashline-ledger-head-1",
    server: head.server,
    position: head.position,
    hash: head.hash.toString("hex"),
    sealedAt: head.sealedAt.toISOString(),
    exportedAt: new Date().toISOString(),
    version: VERSION,
  };
  const text = JSON.stringify(content);
  if (to === undefined) return text;
  await writeFile(to, `${text}\n`, { flag: "wx" }).catch((cause: unknown) => {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new FlashlineError("request.invalid", `${to} cannot be written: ${reason}`, { cause });
  });
  return `${to}: position ${content.position}, ${content.hash}`;
}

/** False when the ledger is not as it was written; what was found is printed. */
export async function runAudit(
  command: Exclude<AuditCommand, { readonly name: "audit kinds" }>,
  db: Database,
  print: (line: string) => void,
): Promise<boolean> {
  if (command.name === "audit head") {
    print(await exportHead(db, command.to));
    return true;
  }
  const heads = await Promise.all(command.heads.map(readHead));
  const verified = await verifyLedger(verifyRepository(db.sql), heads);
  for (const line of report(verified)) print(line);
  return verified.problems.length === 0;
}
