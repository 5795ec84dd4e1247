import type { UnitRework, UnitView } from "@flashline/contract";
import { Command } from "commander";
import { type ApiClient, apiClient, type ServerOptions, withServerOptions } from "../api.ts";
import type { Console } from "../console.ts";
import { examples } from "../examples.ts";
import { findUnit } from "../find-unit.ts";
import { Refusal } from "../refusal.ts";
import { reworkText } from "./text.ts";

interface Options extends ServerOptions {
  readonly product?: string;
  readonly reason?: string;
  readonly done?: string;
  readonly attempt?: string;
}

type Ask = (call: ApiClient, unit: UnitView, options: Options) => Promise<{ body: UnitRework }>;

/** A command about one unit that answers with what people did about its failures. */
function onUnit(console: Console, command: Command, ask: Ask): Command {
  return withServerOptions(command.argument("<serial>", "the unit's serial number"))
    .option("--product <name>", "its product, where several have this serial")
    .action(async (serial: string, options: Options) => {
      const call = apiClient(console, options);
      const unit = await findUnit(call, serial, options.product);
      const { body } = await ask(call, unit, options);
      console.terminal.write(
        options.json
          ? `${JSON.stringify({ event: "rework", serial: unit.serial, ...body })}\n`
          : `${unit.product} ${unit.serial}\n${reworkText(body)}`,
      );
    });
}

const REASONS = {
  "allow-retest": { endpoint: "allowRetest", reason: "new cable" },
  scrap: { endpoint: "scrapUnit", reason: "burnt" },
  unscrap: { endpoint: "unscrapUnit", reason: "it was the other one" },
} as const;

/** The attempt that a repair is about: the unit's last failed one where none is named. */
async function failedOf(call: ApiClient, { id, serial }: UnitView): Promise<string> {
  const { body } = await call("unit", { params: { id } });
  const failed = body.history.find(({ outcome }) => outcome === "FAIL");
  if (failed !== undefined) return failed.id;
  throw new Refusal("usage.argument", `${serial} has no failed attempt.`);
}

export function repairCommand(console: Console): Command {
  return onUnit(
    console,
    new Command("repair")
      .requiredOption("--done <text>", "what was done")
      .option(
        "--attempt <id>",
        "the failed attempt, as unit show --json has it (default: the last one)",
      )
      .addHelpText("after", examples('flashline unit repair CA-100001 --done "new quartz"')),
    async (call, unit, options) => {
      const attemptId = options.attempt ?? (await failedOf(call, unit));
      const body = { attemptId, what: options.done ?? "" };
      return await call("repairUnit", { params: { id: unit.id }, body });
    },
  );
}

/** One of {@link REASONS}: what needs nothing but a reason. */
export function reasonCommand(console: Console, name: keyof typeof REASONS): Command {
  const { endpoint, reason } = REASONS[name];
  return onUnit(
    console,
    new Command(name)
      .requiredOption("--reason <text>", "why, for everybody to read")
      .addHelpText("after", examples(`flashline unit ${name} CA-100001 --reason "${reason}"`)),
    (call, { id }, options) =>
      call(endpoint, { params: { id }, body: { reason: options.reason ?? "" } }),
  );
}
