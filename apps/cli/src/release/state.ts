import type { ReleaseDryRun, ReleaseView } from "@flashline/contract";
import { Command } from "commander";
import { apiClient, type ServerOptions, withServerOptions } from "../api.ts";
import { collect } from "../arguments.ts";
import type { Console } from "../console.ts";
import { defined } from "../defined.ts";
import { examples } from "../examples.ts";
import { Refusal } from "../refusal.ts";
import { findRelease, WHICH } from "./find.ts";
import { dryRunText, radiusText } from "./reach-text.ts";
import { releaseText } from "./text.ts";

/** One release for a person, or as a JSON line. */
export function showRelease(console: Console, options: ServerOptions, release: ReleaseView): void {
  console.terminal.write(
    options.json ? `${JSON.stringify({ event: "release", ...release })}\n` : releaseText(release),
  );
}

/** What it would reach, for a person or as a JSON line. */
export function showDryRun(console: Console, options: ServerOptions, run: ReleaseDryRun): void {
  console.terminal.write(
    options.json ? `${JSON.stringify({ event: "dry-run", ...run })}\n` : dryRunText(run),
  );
}

type PromoteOptions = ServerOptions & {
  readonly moveOrders?: true;
  readonly channel: readonly string[];
  readonly reason?: string;
  readonly dryRun?: true;
};

export function promoteCommand(console: Console): Command {
  return withServerOptions(new Command("promote").argument(...WHICH))
    .option(
      "--move-orders",
      "open orders that name its predecessor take it from their next unit on",
    )
    .option(
      "--channel <name>",
      "a channel that is moved to it, with the orders that follow it; may be repeated; needs a reason",
      collect,
      [],
    )
    .option("--reason <text>", "why, for everybody to read")
    .option("--dry-run", "which orders, stations and units it would reach; nothing is changed")
    .addHelpText(
      "after",
      examples(
        "flashline release promote U2C@1.4.0 --dry-run",
        'flashline release promote U2C@1.4.0 --move-orders --reason "50 units are fine"',
        'flashline release promote U2C@1.4.0 --channel stable --reason "50 units are fine"',
      ),
    )
    .action(async (which: string, asked: PromoteOptions) => {
      const { moveOrders, channel, reason, dryRun, ...options } = asked;
      const channels = channel.length === 0 ? undefined : channel.join(",");
      const call = apiClient(console, options);
      const { id } = await findRelease(call, which);
      if (dryRun) {
        const query = defined({ channels });
        const { body } = await call("releaseDryRun", { params: { id }, query });
        return showDryRun(console, options, body);
      }
      const also = defined({ reason, channels });
      const query = { moveOrders: moveOrders ? "true" : "false", ...also } as const;
      showRelease(console, options, (await call("promote", { params: { id }, query })).body);
    });
}

type RevokeOptions = ServerOptions & { readonly reason?: string; readonly dryRun?: true };

export function revokeCommand(console: Console): Command {
  return withServerOptions(new Command("revoke").argument(...WHICH))
    .option("--reason <text>", "why, for everybody to read")
    .option("--dry-run", "units that have it, and orders and stations that lose it")
    .addHelpText(
      "after",
      examples(
        "flashline release revoke U2C@1.4.0 --dry-run",
        'flashline release revoke U2C@1.4.0 --reason "wrong bootloader offset"',
      ),
    )
    .action(async (which: string, { reason, dryRun, ...options }: RevokeOptions) => {
      const call = apiClient(console, options);
      const { id } = await findRelease(call, which);
      if (dryRun) {
        const { body } = await call("releaseRadius", { params: { id } });
        console.terminal.write(
          options.json ? `${JSON.stringify({ event: "radius", ...body })}\n` : radiusText(body),
        );
        return;
      }
      if (reason === undefined)
        throw new Refusal("usage.argument", 'Why? Say --reason "…": a release stays revoked.');
      showRelease(
        console,
        options,
        (await call("revoke", { params: { id }, body: { reason } })).body,
      );
    });
}

export function withdrawCommand(console: Console): Command {
  return withServerOptions(new Command("withdraw").argument(...WHICH))
    .requiredOption("--reason <text>", "why, for everybody to read")
    .addHelpText(
      "after",
      examples('flashline release withdraw U2C@1.4.1 --reason "built from the wrong branch"'),
    )
    .action(async (which: string, options: ServerOptions & { readonly reason: string }) => {
      const call = apiClient(console, options);
      const { id, product, version } = await findRelease(call, which);
      await call("withdrawRelease", { params: { id }, body: { reason: options.reason } });
      console.terminal.write(
        options.json
          ? `${JSON.stringify({ event: "withdrawn", id, product, version })}\n`
          : `${product}@${version} is withdrawn; its version and counter are free again.\n`,
      );
    });
}
