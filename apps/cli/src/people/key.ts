import { readFile } from "node:fs/promises";
import { basename } from "node:path";
import type { KeyView } from "@flashline/contract";
import { Command } from "commander";
import { apiClient, type ServerOptions, withServerOptions } from "../api.ts";
import type { Console } from "../console.ts";
import { examples } from "../examples.ts";
import { type Columns, showJson, showList } from "../list.ts";

const COLUMNS: Columns<KeyView> = [
  ["KEY", ({ keyId }) => keyId],
  ["NAME", ({ name }) => name],
  ["RELEASES", ({ released }) => String(released)],
  ["SINCE", ({ createdAt }) => createdAt.slice(0, 10)],
  ["STATE", ({ revokedAt }) => (revokedAt === null ? "" : `revoked ${revokedAt.slice(0, 10)}`)],
];

function listCommand(console: Console): Command {
  return withServerOptions(new Command("list"))
    .description("release keys, and how many released releases carry their signature")
    .addHelpText("after", examples("flashline key list"))
    .action(async (options: ServerOptions) => {
      const { body } = await apiClient(console, options)("keys", {});
      showList(console, options, "key", body, COLUMNS);
    });
}

function addCommand(console: Console): Command {
  return withServerOptions(new Command("add").argument("<file>", "a minisign public key"))
    .description("accept releases that are signed by a key; agents pin theirs themselves")
    .option("--name <name>", "what the key is called (default: the file's name)")
    .addHelpText("after", examples("flashline key add release.pub"))
    .action(async (file: string, options: ServerOptions & { readonly name?: string }) => {
      const name = options.name ?? basename(file, ".pub");
      const publicKey = await readFile(file, "utf8");
      const { body } = await apiClient(console, options)("addKey", { body: { name, publicKey } });
      if (options.json) return showJson(console, "key", { name, ...body });
      console.terminal.write(`Releases signed by key ${body.keyId} (${name}) are accepted.\n`);
    });
}

function revokeCommand(console: Console): Command {
  return withServerOptions(new Command("revoke").argument("<key>", "the key's id"))
    .description("accept no more releases signed by a key; those that are out stay out")
    .requiredOption("--reason <text>", "why, for the ledger")
    .addHelpText("after", examples('flashline key revoke 0123456789ABCDEF --reason "rotated"'))
    .action(async (keyId: string, options: ServerOptions & { readonly reason: string }) => {
      const { reason } = options;
      const call = apiClient(console, options);
      const { body } = await call("revokeKey", { params: { keyId }, body: { reason } });
      showList(console, options, "key", [body], COLUMNS);
    });
}

export const keyCommand = (console: Console): Command =>
  new Command("key")
    .addCommand(listCommand(console))
    .addCommand(addCommand(console))
    .addCommand(revokeCommand(console));
