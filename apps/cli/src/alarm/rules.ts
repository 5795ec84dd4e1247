import { ALARM_RULE_NAMES, type AlarmRule } from "@flashline/contract";
import { Argument, Command, InvalidArgumentError } from "commander";
import { apiClient, type ServerOptions, withServerOptions } from "../api.ts";
import type { Console } from "../console.ts";
import { defined } from "../defined.ts";
import { examples } from "../examples.ts";
import { showJson } from "../list.ts";
import { Refusal } from "../refusal.ts";
import { ruleText, trialText } from "./text.ts";

type Settings = Readonly<Record<string, number>>;

function setting(text: string, before: Settings): Settings {
  const match = /^(\w+)=(\d+(?:\.\d+)?)$/.exec(text);
  const [, name, value] = match ?? [];
  if (name === undefined) throw new InvalidArgumentError("Expected NAME=NUMBER, like nest=4.");
  return { ...before, [name]: Number(value) };
}

interface SetOptions extends ServerOptions {
  readonly plant?: string;
  readonly set: Settings;
  readonly on?: true;
  readonly off?: true;
  readonly usual?: true;
  readonly reason: string;
}

function setCommand(console: Console): Command {
  return withServerOptions(
    new Command("set").addArgument(
      new Argument("<rule>", "as alarm rules list shows it").choices(ALARM_RULE_NAMES),
    ),
  )
    .description("switch a rule or change its settings; what is not named stays")
    .option("--plant <name>", "the plant, where there are several")
    .option("--set <name=number>", "a setting; may be repeated", setting, {})
    .option("--on", "switch it on")
    .option("--off", "switch it off: what is open ends")
    .option("--usual", "take everything back first")
    .requiredOption("--reason <text>", "why, for the ledger")
    .addHelpText(
      "after",
      examples(
        'flashline alarm rules set failures.row --set nest=4 --reason "new boards"',
        'flashline alarm rules set clock.skew --off --reason "a GPS clock comes"',
      ),
    )
    .action(async (rule: AlarmRule, options: SetOptions) => {
      const { plant, usual, on, off, reason } = options;
      if (on && off) throw new Refusal("usage.argument", "Say --on or --off, not both.");
      const enabled = on === true ? true : off === true ? false : undefined;
      const settings = Object.keys(options.set).length === 0 ? undefined : { ...options.set };
      const body = { ...defined({ plant, usual, enabled, settings }), reason };
      const answer = await apiClient(console, options)("setAlarmRule", { params: { rule }, body });
      if (options.json) showJson(console, "rule", answer.body);
      else console.terminal.write(ruleText(answer.body));
    });
}

type TryOptions = Pick<SetOptions, keyof ServerOptions | "plant" | "set">;

function tryCommand(console: Console): Command {
  return withServerOptions(
    new Command("try").addArgument(
      new Argument("<rule>", "as alarm rules list shows it").choices(ALARM_RULE_NAMES),
    ),
  )
    .description("which alarms a rule would have raised in the last 14 days; changes nothing")
    .option("--plant <name>", "the plant, where there are several")
    .option("--set <name=number>", "a setting that is thought of; may be repeated", setting, {})
    .addHelpText("after", examples("flashline alarm rules try failures.row --set nest=4"))
    .action(async (rule: AlarmRule, options: TryOptions) => {
      const body = defined({ plant: options.plant, settings: { ...options.set } });
      const answer = await apiClient(console, options)("tryAlarmRule", { params: { rule }, body });
      if (options.json) showJson(console, "trial", answer.body);
      else console.terminal.write(trialText(answer.body));
    });
}

export function rulesCommand(console: Console): Command {
  const list = withServerOptions(new Command("list"))
    .description("the rules as they are set")
    .addHelpText("after", examples("flashline alarm rules list"))
    .action(async (options: ServerOptions) => {
      const { body } = await apiClient(console, options)("alarmRules", {});
      for (const rule of body) {
        if (options.json) showJson(console, "rule", rule);
        else console.terminal.write(ruleText(rule));
      }
    });
  return new Command("rules")
    .description("by which rules alarms are raised")
    .addCommand(list)
    .addCommand(setCommand(console))
    .addCommand(tryCommand(console));
}
