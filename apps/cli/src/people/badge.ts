import type { BadgeKeyView, BadgeView } from "@flashline/contract";
import { Command } from "commander";
import { apiClient, type ServerOptions, withServerOptions } from "../api.ts";
import { wholeNumber } from "../arguments.ts";
import type { Console } from "../console.ts";
import { defined } from "../defined.ts";
import { examples } from "../examples.ts";
import { ExitCode } from "../exit.ts";
import { type Columns, showList } from "../list.ts";
import { Refusal } from "../refusal.ts";
import { firstLineOfInput } from "./input.ts";

const stateOf = ({ endedAs, endedAt, readable }: BadgeView): string => {
  if (endedAs !== null) return `${endedAs} ${endedAt?.slice(0, 10)}`;
  return readable ? "" : "known by a key that the server does not have: give it anew";
};

const COLUMNS: Columns<BadgeView> = [
  ["PERSON", ({ person }) => person],
  ["ROLE", ({ role }) => role],
  ["PLANT", ({ plant }) => plant ?? "all"],
  ["KEY", ({ generation }) => String(generation)],
  ["GIVEN", ({ givenAt, givenBy }) => `${givenAt.slice(0, 10)} by ${givenBy}`],
  ["LAST USED", ({ lastUsedAt }) => lastUsedAt?.slice(0, 10) ?? "-"],
  ["STATE", stateOf],
];

const KEY_COLUMNS: Columns<BadgeKeyView> = [
  ["KEY", ({ generation }) => String(generation)],
  ["MADE", ({ madeAt, madeBy }) => `${madeAt.slice(0, 10)} by ${madeBy}`],
  ["BADGES", ({ badges }) => String(badges)],
  ["STATE", ({ retiredAt }) => (retiredAt === null ? "" : `retired ${retiredAt.slice(0, 10)}`)],
  ["REASON", ({ reason }) => reason],
];

type WithReason = ServerOptions & { readonly reason: string };

const withReason = (command: Command): Command =>
  withServerOptions(command).requiredOption("--reason <text>", "why, for the ledger");

type ListOptions = ServerOptions & {
  readonly person?: string;
  readonly all?: true;
  readonly limit?: number;
  readonly after?: string;
};

function listCommand(console: Console): Command {
  return withServerOptions(new Command("list"))
    .description("badges that count, the latest first")
    .option("--person <name>", "of this person only")
    .option("--all", "those that ended too")
    .option("--limit <n>", "how many", wholeNumber(1, 500))
    .option("--after <id>", "the badge after which the list goes on")
    .addHelpText("after", examples("flashline badge list --person olaf --all"))
    .action(async (options: ListOptions) => {
      const { person, limit, after } = options;
      const state = options.all ? ("all" as const) : undefined;
      const query = defined({ person, limit, after, state });
      const { body } = await apiClient(console, options)("badges", { query });
      showList(console, options, "badge", body, COLUMNS);
    });
}

function giveCommand(console: Console): Command {
  return withReason(new Command("give").argument("<name>", "the person's name or id"))
    .description("give a person the badge that is scanned; it replaces the one before")
    .addHelpText("after", examples('flashline badge give olaf --reason "first day"'))
    .action(async (id: string, options: WithReason) => {
      const { terminal } = console;
      const content = terminal.canAsk
        ? await console.ask("Scan the badge:")
        : await firstLineOfInput("Nothing was scanned.");
      const { reason } = options;
      const call = apiClient(console, options);
      const { body } = await call("giveBadge", { params: { id }, body: { content, reason } });
      showList(console, options, "badge", [body], COLUMNS);
    });
}

/** The badge of a person that counts. */
function endCommand(console: Console, as: "lost" | "returned"): Command {
  const says = as === "lost" ? "was lost: stations refuse it" : "was given back";
  return withReason(new Command(as).argument("<name>", "the person's name"))
    .description(`say that a person's badge ${says}`)
    .addHelpText("after", examples(`flashline badge ${as} olaf --reason "in the train"`))
    .action(async (person: string, options: WithReason) => {
      const call = apiClient(console, options);
      const { body: badges } = await call("badges", { query: { person } });
      const [badge] = badges;
      if (badge === undefined)
        throw new Refusal("request.not_found", `${person} has no badge.`, {
          exit: ExitCode.Fail,
          hint: "",
        });
      const { reason } = options;
      const { body } = await call("endBadge", { params: { id: badge.id }, body: { as, reason } });
      showList(console, options, "badge", [body], COLUMNS);
    });
}

function keysCommand(console: Console): Command {
  return withServerOptions(new Command("keys"))
    .description("keys by which badges are known, and how many are known by each")
    .addHelpText("after", examples("flashline badge keys"))
    .action(async (options: ServerOptions) => {
      const { body } = await apiClient(console, options)("badgeKeys", {});
      showList(console, options, "badge-key", body, KEY_COLUMNS);
    });
}

const generation = wholeNumber(1, 1_000_000);

function rotateCommand(console: Console): Command {
  return withReason(new Command("rotate").argument("<key>", "number of the newest key", generation))
    .description("know badges by a new key; each one moves to it when a station shows it")
    .addHelpText("after", examples('flashline badge rotate 1 --reason "a line PC was stolen"'))
    .action(async (from: number, options: WithReason) => {
      const { reason } = options;
      const call = apiClient(console, options);
      const { body } = await call("rotateBadgeKey", { body: { from, reason } });
      showList(console, options, "badge-key", body, KEY_COLUMNS);
    });
}

function retireCommand(console: Console): Command {
  return withReason(new Command("retire").argument("<key>", "number of an older key", generation))
    .description("let an older key count no more; badges that are still known by it end")
    .addHelpText("after", examples('flashline badge retire 1 --reason "all have moved"'))
    .action(async (key: number, options: WithReason) => {
      const { reason } = options;
      const call = apiClient(console, options);
      const params = { generation: key };
      const { body } = await call("retireBadgeKey", { params, body: { reason } });
      showList(console, options, "badge-key", body, KEY_COLUMNS);
    });
}

export const badgeCommand = (console: Console): Command =>
  new Command("badge")
    .addCommand(listCommand(console))
    .addCommand(giveCommand(console))
    .addCommand(endCommand(console, "lost"))
    .addCommand(endCommand(console, "returned"))
    .addCommand(keysCommand(console))
    .addCommand(rotateCommand(console))
    .addCommand(retireCommand(console));
