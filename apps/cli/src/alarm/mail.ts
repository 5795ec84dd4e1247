import { ALARM_RULE_NAMES, type AlarmRule, type RecipientView } from "@flashline/contract";
import { Command, Option } from "commander";
import { type ApiClient, apiClient, type ServerOptions, withServerOptions } from "../api.ts";
import type { Console } from "../console.ts";
import { defined } from "../defined.ts";
import { examples } from "../examples.ts";
import { ExitCode } from "../exit.ts";
import { showJson, showList } from "../list.ts";
import { Refusal } from "../refusal.ts";

interface AddOptions extends ServerOptions {
  readonly rule?: readonly ("*" | AlarmRule)[];
  readonly plant?: string;
}

async function find(call: ApiClient, address: string): Promise<RecipientView> {
  const { body } = await call("recipients", {});
  const found = body.find((one) => one.address === address || one.id === address);
  if (found !== undefined) return found;
  throw new Refusal("request.not_found", `${address} gets no alarms.`, {
    exit: ExitCode.Fail,
    hint: "",
  });
}

function addCommand(console: Console): Command {
  return withServerOptions(new Command("add").argument("<address>", "an e-mail address"))
    .description("send alarms to an address; again with other rules replaces them")
    .addOption(
      new Option("--rule <rule...>", "alarms of these rules (default: all)").choices(
        ALARM_RULE_NAMES,
      ),
    )
    .option("--plant <name>", "of this plant and of the server only")
    .addHelpText(
      "after",
      examples("flashline alarm mail add shift@plant.example --rule lead.called station.silent"),
    )
    .action(async (address: string, options: AddOptions) => {
      const { rule, plant } = options;
      const body = {
        address,
        ...defined({ plant, rules: rule === undefined ? undefined : [...rule] }),
      };
      const answer = await apiClient(console, options)("addRecipient", { body });
      if (options.json) return showJson(console, "recipient", answer.body);
      console.terminal.write(`${address} gets ${answer.body.rules.join(", ")}.\n`);
    });
}

function listCommand(console: Console): Command {
  return withServerOptions(new Command("list"))
    .description("who gets which alarms, and what is not sent yet")
    .addHelpText("after", examples("flashline alarm mail list"))
    .action(async (options: ServerOptions) => {
      const { body } = await apiClient(console, options)("recipients", {});
      showList(console, options, "recipient", body, [
        ["ADDRESS", ({ address }) => address],
        ["PLANT", ({ plant }) => plant ?? "all"],
        ["RULES", ({ rules }) => rules.join(" ")],
        ["WAITING", ({ waiting }) => String(waiting)],
        ["GIVEN UP", ({ givenUp }) => String(givenUp)],
        ["LAST ERROR", ({ lastError }) => lastError ?? "-"],
      ]);
    });
}

function removeCommand(console: Console): Command {
  return withServerOptions(new Command("remove").argument("<address>", "an e-mail address"))
    .description("send no more alarms to an address")
    .addHelpText("after", examples("flashline alarm mail remove shift@plant.example"))
    .action(async (address: string, options: ServerOptions) => {
      const call = apiClient(console, options);
      const { id } = await find(call, address);
      const { body } = await call("removeRecipient", { params: { id } });
      if (options.json) return showJson(console, "recipient", body);
      console.terminal.write(`${address} gets no alarms any more.\n`);
    });
}

function testCommand(console: Console): Command {
  return withServerOptions(new Command("test").argument("<address>", "one that gets alarms"))
    .description("send a mail as a trial, and say what the mail server said")
    .addHelpText("after", examples("flashline alarm mail test shift@plant.example"))
    .action(async (address: string, options: ServerOptions) => {
      const call = apiClient(console, options);
      const { id } = await find(call, address);
      const { body } = await call("testRecipient", { params: { id } });
      if (options.json) showJson(console, "mail", body);
      if (!body.sent) {
        throw new Refusal("request.conflict", `Not sent: ${body.error}`, {
          exit: ExitCode.Fail,
          hint: "",
        });
      }
      if (!options.json) console.terminal.write("The mail server took it.\n");
    });
}

export const mailCommand = (console: Console): Command =>
  new Command("mail")
    .description("who gets alarms by e-mail")
    .addCommand(addCommand(console))
    .addCommand(listCommand(console))
    .addCommand(removeCommand(console))
    .addCommand(testCommand(console));
