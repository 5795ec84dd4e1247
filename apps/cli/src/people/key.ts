import { readFile } from "node:fs/promises";
import { basename } from "node:path";
import type { KeyRadius, KeyView } from "@flashline/contract";
import { Command } from "commander";
import { apiClient, type ServerOptions, withServerOptions } from "../api.ts";
import type { Console } from "../console.ts";
import { defined } from "../defined.ts";
import { examples } from "../examples.ts";
import { type Columns, showJson, showList } from "../list.ts";
import { Refusal } from "../refusal.ts";
import { plural } from "../terminal/units.ts";

const STATE = {
  trusted: () => "",
  retiring: (at: string) => `retires ${at}`,
  retired: (at: string) => `retired ${at.slice(0, 10)}`,
  revoked: (at: string) => `revoked ${at.slice(0, 10)}`,
} as const satisfies Record<KeyView["state"], (at: string) => string>;

const COLUMNS: Columns<KeyView> = [
  ["KEY", ({ keyId }) => keyId],
  ["NAME", ({ name }) => name],
  ["RELEASES", ({ released }) => String(released)],
  ["SINCE", ({ createdAt }) => createdAt.slice(0, 10)],
  ["NOT YET", ({ unreleased }) => String(unreleased)],
  ["STATE", ({ state, retiresAt, revokedAt }) => STATE[state](revokedAt ?? retiresAt ?? "")],
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

function retireCommand(console: Console): Command {
  return withServerOptions(new Command("retire").argument("<key>", "the key's id"))
    .description("take no new releases of a key; what it released stays good")
    .option("--at <time>", "from then on, e.g. 2027-01-31T00:00:00Z (default: now)")
    .option("--never", "it does not retire any more")
    .requiredOption("--reason <text>", "why, for the ledger")
    .addHelpText(
      "after",
      examples(
        'flashline key retire 0123456789ABCDEF --at 2027-01-31T00:00:00Z --reason "yearly rotation"',
      ),
    )
    .action(async (keyId: string, options: RetireOptions) => {
      const { at, never, reason } = options;
      if (at !== undefined && never)
        throw new Refusal("usage.argument", "Say either --at or --never.");
      const body = { reason, ...(never ? { at: null } : defined({ at })) };
      const call = apiClient(console, options);
      const answer = await call("retireKey", { params: { keyId }, body });
      showList(console, options, "key", [answer.body], COLUMNS);
    });
}
type RetireOptions = ServerOptions & {
  readonly at?: string;
  readonly never?: true;
  readonly reason: string;
};

/** What the revocation of a key hits, for a person. */
function radiusText({ key, others, releases, drafts }: KeyRadius): string {
  const lines = [
    ...releases.map(({ product, version, state, passed, inWork, channels }) => {
      const work = inWork === 0 ? "" : `, ${inWork} in work`;
      const from = channels.length === 0 ? "" : `; leaves ${channels.join(", ")}`;
      return `${product} ${version} (${state}): ${plural(passed, "unit")} passed and keep it${work}${from}`;
    }),
    ...releases.flatMap(({ orders }) =>
      orders.map(({ number, left, stations }) => {
        const at = stations.length === 0 ? "no station" : stations.join(", ");
        return `order ${number} stops with ${plural(left, "unit")} left, at ${at}`;
      }),
    ),
    ...drafts.map(({ product, version }) => `draft ${product} ${version} can never be released`),
    others === 0
      ? "no other key signs new releases"
      : `${plural(others, "other key")} still ${others === 1 ? "signs" : "sign"} new releases`,
  ];
  return `Key ${key.keyId} (${key.name})  ${key.state}\n${lines.map((line) => `  ${line}\n`).join("")}`;
}

type RevokeOptions = ServerOptions & { readonly reason?: string; readonly dryRun?: true };

function revokeCommand(console: Console): Command {
  return withServerOptions(new Command("revoke").argument("<key>", "the key's id"))
    .description("for a key in wrong hands: it and every release that it signed are revoked")
    .option("--reason <text>", "why, for everybody to read")
    .option("--dry-run", "which releases and orders it would stop; nothing is changed")
    .addHelpText(
      "after",
      examples(
        "flashline key revoke 0123456789ABCDEF --dry-run",
        'flashline key revoke 0123456789ABCDEF --reason "the build server was broken into"',
      ),
    )
    .action(async (keyId: string, options: RevokeOptions) => {
      const { reason, dryRun } = options;
      const params = { keyId };
      const call = apiClient(console, options);
      if (!dryRun && reason === undefined)
        throw new Refusal("usage.argument", 'Why? Say --reason "…": a key stays revoked.');
      const { body } = dryRun
        ? await call("keyRadius", { params })
        : await call("revokeKey", { params, body: { reason: reason ?? "" } });
      if (options.json) return showJson(console, dryRun ? "radius" : "key-revoked", body);
      console.terminal.write(radiusText(body));
    });
}

export const keyCommand = (console: Console): Command =>
  new Command("key")
    .addCommand(listCommand(console))
    .addCommand(addCommand(console))
    .addCommand(retireCommand(console))
    .addCommand(revokeCommand(console));
