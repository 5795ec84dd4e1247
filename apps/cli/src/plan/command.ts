import { readFile } from "node:fs/promises";
import {
  type PaceView,
  type PlanRow,
  type PlanView,
  RefusedError,
  readPlanRows,
} from "@flashline/contract";
import { Command } from "commander";
import { apiClient, type ServerOptions, withServerOptions } from "../api.ts";
import { wholeNumber } from "../arguments.ts";
import { reportBadRows } from "../bad-rows.ts";
import type { Console } from "../console.ts";
import { readCsvRows } from "../csv-file.ts";
import { defined } from "../defined.ts";
import { examples } from "../examples.ts";
import { type Columns, showJson, showList } from "../list.ts";
import { rowsOf } from "../pages.ts";
import { Refusal } from "../refusal.ts";
import { paceText } from "./text.ts";

const MOST_UNITS = 1_000_000;

type OfLine = ServerOptions & { readonly line: string; readonly plant?: string };
type SetOptions = OfLine & {
  readonly day: string;
  readonly shift: string;
  readonly product?: string;
  readonly reason: string;
};

const COLUMNS: Columns<PlanView> = [
  ["DAY", ({ day }) => day],
  ["PLANT", ({ plant }) => plant],
  ["LINE", ({ line }) => line],
  ["SHIFT", ({ shift }) => shift],
  ["PRODUCT", ({ product }) => product ?? "(any)"],
  ["UNITS", ({ units }) => String(units)],
];

async function send(
  console: Console,
  options: ServerOptions,
  rows: PlanRow[],
  reason: string,
): Promise<void> {
  const call = apiClient(console, options);
  const { body } = await call("setPlans", { body: { rows, reason } }).catch((error: unknown) => {
    if (error instanceof RefusedError) reportBadRows(console, options, error.refusal.details);
    throw error;
  });
  if (options.json) return showJson(console, "plans", body);
  console.terminal.write(`${body.changed} changed, ${body.same} were so already.\n`);
}

function setCommand(console: Console): Command {
  return withServerOptions(
    new Command("set").argument("<units>", "how many; 0: no plan", wholeNumber(0, MOST_UNITS)),
  )
    .description("say what one shift of a line is to make, in place of what it has")
    .requiredOption("--line <name>", "the line")
    .option("--plant <name>", "its plant, where several have a line of this name")
    .requiredOption("--day <date>", "on which the shift begins, like 2026-11-30")
    .requiredOption("--shift <name>", "one of the plant's shifts")
    .option("--product <name>", "units of this product alone count")
    .requiredOption("--reason <text>", "why, for the ledger")
    .addHelpText(
      "after",
      examples(
        'flashline plan set 480 --line L3 --day 2026-11-30 --shift early --reason "week 49"',
      ),
    )
    .action(async (units: number, options: SetOptions) => {
      const { line, plant, day, shift, product, reason } = options;
      await send(console, options, [defined({ line, plant, day, shift, product, units })], reason);
    });
}

function importCommand(console: Console): Command {
  return withServerOptions(
    new Command("import").argument(
      "<file>",
      "CSV with the columns line, day, shift, product, units",
    ),
  )
    .description("set the plans of a list, all or none, as an MES gives them")
    .requiredOption("--reason <text>", "why, for the ledger")
    .addHelpText("after", examples('flashline plan import week-49.csv --reason "MES, week 49"'))
    .action(async (file: string, options: ServerOptions & { readonly reason: string }) => {
      const read = readPlanRows(readCsvRows(await readFile(file, "utf8"), file));
      if (read.kind === "unreadable") throw new Refusal("usage.argument", `${file}: ${read.why}`);
      await send(console, options, [...read.rows], options.reason);
    });
}

type ListOptions = ServerOptions & {
  readonly line?: string;
  readonly plant?: string;
  readonly from?: string;
  readonly to?: string;
};

function listCommand(console: Console): Command {
  return withServerOptions(new Command("list"))
    .description("what is planned, from yesterday for two weeks")
    .option("--line <name>", "of this line")
    .option("--plant <name>", "of this plant")
    .option("--from <date>", "from this day on")
    .option("--to <date>", "up to this day")
    .addHelpText("after", examples("flashline plan list --line L3 --from 2026-11-30"))
    .action(async (options: ListOptions) => {
      const call = apiClient(console, options);
      const { line, plant, from, to } = options;
      const all: PlanView[] = [];
      const query = { line, plant, from, to };
      for await (const plan of rowsOf((after) =>
        call("plans", { query: defined({ ...query, after }) }),
      )) {
        all.push(plan);
      }
      showList(console, options, "plan", all, COLUMNS);
    });
}

function showCommand(console: Console): Command {
  return withServerOptions(new Command("show"))
    .description("a line in its shift: made, plan, takt and cycle")
    .requiredOption("--line <name>", "the line")
    .option("--plant <name>", "its plant, where several have a line of this name")
    .option("--day <date>", "on which the shift begins; without it the shift that is on")
    .option("--shift <name>", "the shift of that day")
    .addHelpText(
      "after",
      examples(
        "flashline plan show --line L3",
        "flashline plan show --line L3 --day 2026-11-24 --shift night --json",
      ),
    )
    .action(async (options: OfLine & { readonly day?: string; readonly shift?: string }) => {
      const { line, plant, day, shift } = options;
      const query = defined({ line, plant, day, shift });
      const { body } = await apiClient(console, options)("pace", { query });
      const pace: PaceView = body;
      if (options.json) return showJson(console, "pace", pace);
      console.terminal.write(paceText(pace));
    });
}

export const planCommand = (console: Console): Command =>
  new Command("plan")
    .addCommand(setCommand(console))
    .addCommand(importCommand(console))
    .addCommand(listCommand(console))
    .addCommand(showCommand(console));
