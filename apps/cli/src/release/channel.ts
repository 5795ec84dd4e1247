import type { ChannelView } from "@flashline/contract";
import { Command } from "commander";
import { type ApiClient, apiClient, type ServerOptions, withServerOptions } from "../api.ts";
import type { Console } from "../console.ts";
import { defined } from "../defined.ts";
import { examples } from "../examples.ts";
import { ExitCode } from "../exit.ts";
import { type Columns, showJson, showList } from "../list.ts";
import { Refusal } from "../refusal.ts";
import { findRelease } from "./find.ts";
import { showDryRun } from "./state.ts";

const COLUMNS: Columns<ChannelView> = [
  ["PRODUCT", ({ product }) => product],
  ["CHANNEL", ({ name }) => name],
  ["RELEASE", ({ version }) => version ?? "empty"],
  ["SINCE", ({ movedAt }) => movedAt?.slice(0, 10) ?? ""],
  ["BY", ({ movedBy }) => movedBy ?? ""],
  ["ORDERS", ({ orders }) => orders.join(", ")],
];
const WHICH = ["<channel>", "PRODUCT/NAME, as in U2C/stable"] as const;
const REASON = ["--reason <text>", "why, for everybody to read"] as const;

function namesIn(which: string): { readonly product: string; readonly name: string } {
  const at = which.lastIndexOf("/");
  if (at < 1) throw new Refusal("usage.argument", `${which} is no PRODUCT/NAME, like U2C/stable.`);
  return { product: which.slice(0, at), name: which.slice(at + 1) };
}

async function find(call: ApiClient, which: string): Promise<ChannelView> {
  const { product, name } = namesIn(which);
  const { body } = await call("channels", { query: { product } });
  const found = body.find((channel) => channel.name === name);
  if (found !== undefined) return found;
  throw new Refusal("request.not_found", `${product} has no channel ${name}.`, {
    exit: ExitCode.Fail,
  });
}

function listCommand(console: Console): Command {
  return withServerOptions(new Command("list"))
    .description("channels, the release in each, and the open orders that follow it")
    .option("--product <name>", "of this product only")
    .addHelpText("after", examples("flashline channel list --product U2C"))
    .action(async (options: ServerOptions & { readonly product?: string }) => {
      const query = defined({ product: options.product });
      const { body } = await apiClient(console, options)("channels", { query });
      showList(console, options, "channel", body, COLUMNS);
    });
}

function addCommand(console: Console): Command {
  return withServerOptions(new Command("add").argument(...WHICH))
    .description("a new channel, which is empty; the same again is no error")
    .requiredOption(...REASON)
    .addHelpText("after", examples('flashline channel add U2C/pilot --reason "first customers"'))
    .action(async (which: string, options: ServerOptions & { readonly reason: string }) => {
      const { reason } = options;
      const { body } = await apiClient(console, options)("addChannel", {
        body: { ...namesIn(which), reason },
      });
      showList(console, options, "channel", [body], COLUMNS);
    });
}

type MoveOptions = ServerOptions & { readonly reason?: string; readonly dryRun?: true };

function moveCommand(console: Console): Command {
  return withServerOptions(new Command("move").argument(...WHICH))
    .argument("<version>", "a released release; an earlier one takes the channel back")
    .description("give a channel another release; its open orders get it from their next unit on")
    .option(...REASON)
    .option("--dry-run", "which orders, stations and units it would reach; nothing is changed")
    .addHelpText(
      "after",
      examples(
        "flashline channel move U2C/stable 1.4.0 --dry-run",
        'flashline channel move U2C/stable 1.4.0 --reason "the pilot is fine"',
      ),
    )
    .action(async (which: string, version: string, options: MoveOptions) => {
      const { reason, dryRun } = options;
      const call = apiClient(console, options);
      const { id, product, name } = await find(call, which);
      if (dryRun) {
        const release = await findRelease(call, `${product}@${version}`);
        const { body } = await call("releaseDryRun", {
          params: { id: release.id },
          query: { channels: name },
        });
        return showDryRun(console, options, body);
      }
      if (reason === undefined) throw new Refusal("usage.argument", 'Why? Say --reason "…".');
      const { body } = await call("moveChannel", { params: { id }, body: { version, reason } });
      showList(console, options, "channel", [body], COLUMNS);
    });
}

function removeCommand(console: Console): Command {
  return withServerOptions(new Command("remove").argument(...WHICH))
    .description("remove a channel that no open order follows")
    .option(...REASON)
    .addHelpText("after", examples("flashline channel remove U2C/pilot"))
    .action(async (which: string, options: ServerOptions & { readonly reason?: string }) => {
      const call = apiClient(console, options);
      const { id, product, name } = await find(call, which);
      await call("removeChannel", { params: { id }, query: defined({ reason: options.reason }) });
      if (options.json) return showJson(console, "channel-removed", { product, name });
      console.terminal.write(`${product} has no channel ${name} any more.\n`);
    });
}

export const channelCommand = (console: Console): Command =>
  new Command("channel")
    .addCommand(listCommand(console))
    .addCommand(addCommand(console))
    .addCommand(moveCommand(console))
    .addCommand(removeCommand(console));
