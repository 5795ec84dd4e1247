import { ALARM_RULE_NAMES, type AlarmRule } from "@flashline/contract";
import { Command, Option } from "commander";
import { apiClient, type ServerOptions, withServerOptions } from "../api.ts";
import type { Console } from "../console.ts";
import { defined } from "../defined.ts";
import { examples } from "../examples.ts";
import { showJson } from "../list.ts";
import { mailCommand } from "./mail.ts";
import { rulesCommand } from "./rules.ts";
import { alarmText } from "./text.ts";

interface ListOptions extends ServerOptions {
  readonly rule?: AlarmRule;
  readonly plant?: string;
  readonly all?: true;
}

function listCommand(console: Console): Command {
  return withServerOptions(new Command("list"))
    .description("alarms that are open, the latest first")
    .addOption(new Option("--rule <rule>", "of this rule only").choices(ALARM_RULE_NAMES))
    .option("--plant <name>", "of this plant only")
    .option("--all", "those that are over too")
    .addHelpText("after", examples("flashline alarm list", "flashline alarm list --all --json"))
    .action(async (options: ListOptions) => {
      const { rule, plant } = options;
      const state = options.all ? ("all" as const) : ("open" as const);
      const query = defined({ state, rule, plant, limit: 200 });
      const { body } = await apiClient(console, options)("alarms", { query });
      for (const alarm of body) {
        if (options.json) showJson(console, "alarm", alarm);
        else console.terminal.write(alarmText(alarm));
      }
      if (body.length === 0 && !options.json) console.terminal.write("No alarms.\n");
    });
}

/** A command about one alarm, which it shows afterwards. */
function onAlarm(
  console: Console,
  command: Command,
  ask: (
    call: ReturnType<typeof apiClient>,
    id: string,
    options: ServerOptions & { readonly from?: string; readonly reason?: string },
  ) => Promise<{ readonly body: Parameters<typeof alarmText>[0] }>,
): Command {
  return withServerOptions(command.argument("<id>", "as alarm list shows it")).action(
    async (id: string, options: ServerOptions) => {
      const { body } = await ask(apiClient(console, options), id, options);
      if (options.json) showJson(console, "alarm", body);
      else console.terminal.write(alarmText(body));
    },
  );
}

const ID = "019a2f31-7d0a-7c11-9a54-0c4f6e2b1d77";

export const alarmCommand = (console: Console): Command =>
  new Command("alarm")
    .addCommand(listCommand(console))
    .addCommand(
      onAlarm(
        console,
        new Command("show")
          .description("one alarm")
          .addHelpText("after", examples(`flashline alarm show ${ID}`)),
        (call, id) => call("alarm", { params: { id } }),
      ),
    )
    .addCommand(
      onAlarm(
        console,
        new Command("take")
          .description("say that you look after it: its station and everybody else see who comes")
          .option("--from <name>", "over from who has it now")
          .addHelpText("after", examples(`flashline alarm take ${ID}`)),
        (call, id, { from }) => call("takeAlarm", { params: { id }, body: defined({ from }) }),
      ),
    )
    .addCommand(
      onAlarm(
        console,
        new Command("end")
          .description("end a call for the lead; other alarms end with their cause")
          .requiredOption("--reason <text>", "why, for everybody to read")
          .addHelpText("after", examples(`flashline alarm end ${ID} --reason "was there"`)),
        (call, id, { reason = "" }) => call("endAlarm", { params: { id }, body: { reason } }),
      ),
    )
    .addCommand(rulesCommand(console))
    .addCommand(mailCommand(console));
