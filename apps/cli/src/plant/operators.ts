import { called, type OperatorRules, type StationOperatorRules } from "@flashline/contract";
import { Command, InvalidArgumentError, Option } from "commander";
import { type ApiClient, apiClient, type ServerOptions, withServerOptions } from "../api.ts";
import { wholeNumber } from "../arguments.ts";
import type { Console } from "../console.ts";
import { defined } from "../defined.ts";
import { examples } from "../examples.ts";
import { ExitCode } from "../exit.ts";
import { showJson } from "../list.ts";
import { Refusal } from "../refusal.ts";

/** For a station: as its plant has it. */
const AS_PLANT = "-";
const MOST_MINUTES = 1_440;

type Given = ServerOptions & {
  readonly badgePrefix?: string;
  readonly badges?: string;
  readonly idleMinutes?: number | typeof AS_PLANT;
  readonly shiftEnd?: string;
  readonly reason?: string;
};

const yes = (word: string | undefined, is: string): boolean | null | undefined =>
  word === undefined ? undefined : word === AS_PLANT ? null : word === is;

/** What was given of it; null where the plant's is to hold. */
function asked({ badgePrefix, badges, idleMinutes, shiftEnd }: Given) {
  return defined<Partial<StationOperatorRules>>({
    badgePrefix: badgePrefix === AS_PLANT ? null : badgePrefix,
    required: yes(badges, "required"),
    idleMinutes: idleMinutes === AS_PLANT ? null : idleMinutes,
    shiftEnd: yes(shiftEnd, "on"),
  } as Partial<StationOperatorRules>);
}

function withReason(options: Given): { readonly reason: string } {
  if (options.reason !== undefined) return { reason: options.reason };
  throw new Refusal("request.invalid", "--reason is needed: why, for the ledger.", {
    exit: ExitCode.Usage,
    hint: "",
  });
}

const rulesText = (rules: OperatorRules): string =>
  [
    `  badges begin with ${rules.badgePrefix}`,
    `  ${rules.required ? "nobody starts without a badge" : "units are started with and without a badge"}`,
    `  ${rules.idleMinutes === 0 ? "who does nothing stays logged in" : `who does nothing for ${rules.idleMinutes} min is logged out`}`,
    `  ${rules.shiftEnd ? "logged out at the shift's end" : "not logged out at the shift's end"}`,
    "",
  ].join("\n");

async function ofPlant(call: ApiClient, name: string): Promise<OperatorRules> {
  const { body } = await call("plants", {});
  const plant = body.find((one) => one.name === name || one.id === name);
  if (plant !== undefined) return plant.operators;
  const about = { exit: ExitCode.Fail, hint: "" };
  throw new Refusal("request.not_found", `There is no ${called("plant", name)}.`, about);
}

function withRules(command: Command, own: readonly string[]): Command {
  const minutes = (text: string) =>
    own.includes(text) ? text : wholeNumber(0, MOST_MINUTES)(text);
  return withServerOptions(command)
    .option("--badge-prefix <text>", "what badges begin with, as readers type it")
    .addOption(
      new Option("--badges <how>", "whether a unit is started without").choices([
        ...["required", "optional"],
        ...own,
      ]),
    )
    .option("--idle-minutes <n>", "log out who does nothing for so long; 0 is never", minutes)
    .addOption(new Option("--shift-end <how>", "log out then").choices(["on", "off", ...own]))
    .option("--reason <text>", "why, for the ledger; needed for a change");
}

/** Asks for, or says, how people work in a plant. */
export const plantOperatorsCommand = (console: Console): Command =>
  withRules(new Command("operators").argument("<name>", "the plant"), [])
    .description("how people work at a plant's stations; with options: from now on")
    .addHelpText(
      "after",
      examples(
        "flashline plant operators Graz",
        'flashline plant operators Graz --badges required --idle-minutes 20 --reason "audit"',
      ),
    )
    .action(async (id: string, options: Given) => {
      const call = apiClient(console, options);
      const { badgePrefix, required, idleMinutes, shiftEnd } = asked(options);
      if (badgePrefix === null) throw new InvalidArgumentError("A plant has a prefix of its own.");
      const change = defined({
        badgePrefix,
        required: required ?? undefined,
        idleMinutes: idleMinutes ?? undefined,
        shiftEnd: shiftEnd ?? undefined,
      });
      const rules =
        Object.keys(change).length === 0
          ? await ofPlant(call, id)
          : (
              await call("setPlantOperators", {
                params: { id },
                body: { ...change, ...withReason(options) },
              })
            ).body;
      if (options.json) return showJson(console, "operators", rules);
      console.terminal.write(`${id}\n${rulesText(rules)}`);
    });

/** The same of one station. */
export const stationOperatorsCommand = (console: Console): Command =>
  withRules(new Command("operators").argument("<name>", "the station"), [AS_PLANT])
    .description('how people work at a station; with options: from now on ("-": as its plant)')
    .addHelpText(
      "after",
      examples(
        "flashline station operators L3-07",
        'flashline station operators L3-07 --badges optional --reason "trial line"',
      ),
    )
    .action(async (id: string, options: Given) => {
      const call = apiClient(console, options);
      const change = asked(options);
      const { body } =
        Object.keys(change).length === 0
          ? await call("stationOperators", { params: { id } })
          : await call("setStationOperators", {
              params: { id },
              body: { ...change, ...withReason(options) },
            });
      if (options.json) return showJson(console, "operators", body);
      const own = Object.values(body.own).every((one) => one === null) ? ", as its plant" : "";
      console.terminal.write(`${id}${own}\n${rulesText(body.rules)}`);
    });
