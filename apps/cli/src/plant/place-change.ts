import { called, type LineView, type PlantView, type Retirement } from "@flashline/contract";
import { Command } from "commander";
import { type ApiClient, apiClient, type ServerOptions, withServerOptions } from "../api.ts";
import type { Console } from "../console.ts";
import { defined } from "../defined.ts";
import { examples } from "../examples.ts";
import { ExitCode } from "../exit.ts";
import { showJson } from "../list.ts";
import { Refusal } from "../refusal.ts";
import { type AskedShift, namedTimes, shiftsWith } from "./shift-options.ts";

type Reasoned = ServerOptions & { readonly reason: string };
type OfLine = ServerOptions & { readonly plant?: string };

const usage = (message: string) => new Refusal("usage.argument", message, { hint: "" });
const missing = (message: string) =>
  new Refusal("request.not_found", message, { exit: ExitCode.Fail, hint: "" });

/** The line of this name, retired or not. */
async function lineNamed(call: ApiClient, name: string, plant?: string): Promise<LineView> {
  const { body } = await call("lines", { query: { state: "all" } });
  const found = body.filter(
    (line) => line.name === name && (plant === undefined || line.plant === plant),
  );
  const [first, second] = found;
  if (first === undefined) throw missing(`There is no ${called("line", name)}.`);
  if (second === undefined) return first;
  const plants = found.map((line) => line.plant).join(", ");
  throw usage(`Several plants have a ${called("line", name)}: ${plants}. Say --plant NAME.`);
}

function showPlace(
  console: Console,
  options: ServerOptions,
  event: "plant" | "line",
  view: PlantView | LineView,
): void {
  if (options.json) {
    showJson(console, event, view);
    return;
  }
  const is = view.retiredAt === null ? "is in use" : "is retired; its history stays";
  console.terminal.write(`${event === "plant" ? "Plant" : "Line"} ${view.name} ${is}.\n`);
}

type PlantOptions = Reasoned & {
  readonly rename?: string;
  readonly timeZone?: string;
  readonly shift: readonly AskedShift[];
  readonly break: readonly AskedShift[];
};

/** Gives a plant another name, clock or other shifts. */
export const changePlantCommand = (console: Console): Command =>
  withServerOptions(new Command("change").argument("<name>", "the plant"))
    .description("give a plant another name, time zone or other shifts")
    .option("--rename <name>", "what it is called from now on")
    .option("--time-zone <name>", "by which its days are told, also those of the past")
    .option(
      "--shift <name=from-to>",
      "all of its shifts, one each; may be repeated",
      namedTimes,
      [],
    )
    .option("--break <shift=from-to>", "a break of a shift; may be repeated", namedTimes, [])
    .requiredOption("--reason <text>", "why, for the ledger")
    .addHelpText(
      "after",
      examples(
        'flashline plant change Graz --shift early=06:00-14:00 --break early=09:00-09:15 --reason "one shift"',
      ),
    )
    .action(async (id: string, options: PlantOptions) => {
      const { rename, timeZone, shift, reason } = options;
      const shifts = shiftsWith(shift, options.break);
      const change = defined({
        name: rename,
        timeZone,
        shifts: shifts.length === 0 ? undefined : shifts,
      });
      if (Object.keys(change).length === 0) throw usage("Say what changes.");
      const body = { ...change, reason };
      const answer = await apiClient(console, options)("changePlant", { params: { id }, body });
      showPlace(console, options, "plant", answer.body);
    });

const inTheWayText = ({ inTheWay }: Retirement): string =>
  inTheWay.length === 0
    ? "Nothing stands in the way.\n"
    : inTheWay.map(({ why }) => `${why}\n`).join("");

type RetireOptions = OfLine & { readonly reason?: string; readonly dryRun?: true };

const reasonOf = ({ reason = "" }: RetireOptions): string => {
  if (reason.trim() !== "") return reason;
  throw usage('Why? Say --reason "…".');
};

/** "retire" or "restore" of a plant or line. */
function retirement(
  what: "plant" | "line",
  verb: "retire" | "restore",
  act: (name: string, options: RetireOptions) => Promise<void>,
): Command {
  const command = withServerOptions(new Command(verb).argument("<name>", `the ${what}`));
  if (what === "line") {
    command.option("--plant <name>", "its plant, where several have a line of this name");
  }
  if (verb === "retire") command.option("--dry-run", "what stands in the way; nothing is changed");
  return command
    .description(
      verb === "retire"
        ? `take a ${what} out of use; its history stays`
        : `take a retired ${what} back into use`,
    )
    .option("--reason <text>", "why, for the ledger")
    .addHelpText(
      "after",
      examples(`flashline ${what} ${verb} ${what === "plant" ? "Graz" : "L3"} --reason "moved"`),
    )
    .action(act);
}

/** "retire" and "restore" of a plant or line; `idOf` finds what the endpoints take in place of its name. */
const retirementCommands = (
  console: Console,
  what: "plant" | "line",
  idOf: (call: ApiClient, name: string, options: RetireOptions) => Promise<string>,
): readonly Command[] =>
  (["retire", "restore"] as const).map((verb) =>
    retirement(what, verb, async (name, options) => {
      const call = apiClient(console, options);
      const id = await idOf(call, name, options);
      const params = { id };
      if (options.dryRun === true) {
        const looked = await (what === "plant"
          ? call("plantRetirement", { params })
          : call("lineRetirement", { params }));
        if (options.json) showJson(console, "retirement", looked.body);
        else console.terminal.write(inTheWayText(looked.body));
        return;
      }
      const body = { retired: verb === "retire", reason: reasonOf(options) };
      const answer = await (what === "plant"
        ? call("changePlant", { params, body })
        : call("changeLine", { params, body }));
      showPlace(console, options, what, answer.body);
    }),
  );

export const plantRetirementCommands = (console: Console): readonly Command[] =>
  retirementCommands(console, "plant", (_call, name) => Promise.resolve(name));

export const lineRetirementCommands = (console: Console): readonly Command[] =>
  retirementCommands(
    console,
    "line",
    async (call, name, { plant }) => (await lineNamed(call, name, plant)).id,
  );

/** Gives a line another name. */
export const renameLineCommand = (console: Console): Command =>
  withServerOptions(
    new Command("rename").argument("<name>", "the line").argument("<to>", "what it is called then"),
  )
    .description("give a line another name; what it made goes with it")
    .option("--plant <name>", "its plant, where several have a line of this name")
    .requiredOption("--reason <text>", "why, for the ledger")
    .addHelpText(
      "after",
      examples('flashline line rename L3 L3-north --reason "a second one came"'),
    )
    .action(async (name: string, to: string, options: OfLine & Reasoned) => {
      const call = apiClient(console, options);
      const { id } = await lineNamed(call, name, options.plant);
      const body = { name: to, reason: options.reason };
      showPlace(
        console,
        options,
        "line",
        (await call("changeLine", { params: { id }, body })).body,
      );
    });
