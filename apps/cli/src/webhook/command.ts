import type { WebhookView } from "@flashline/contract";
import { Command } from "commander";
import { type ApiClient, apiClient, type ServerOptions, withServerOptions } from "../api.ts";
import { wholeNumber } from "../arguments.ts";
import type { Console } from "../console.ts";
import { defined } from "../defined.ts";
import { examples } from "../examples.ts";
import { ExitCode } from "../exit.ts";
import { showJson, showList } from "../list.ts";
import { Refusal } from "../refusal.ts";
import { secretText, webhookText } from "./text.ts";

async function find(call: ApiClient, name: string): Promise<WebhookView> {
  const { body } = await call("webhooks", {});
  const found = body.find((one) => one.name === name || one.id === name);
  if (found !== undefined) return found;
  throw new Refusal("request.not_found", `There is no webhook ${name}.`, {
    exit: ExitCode.Fail,
    hint: "",
  });
}

interface Options extends ServerOptions {
  readonly url?: string;
  readonly kind?: readonly string[];
  readonly after?: number;
  readonly reason?: string;
  readonly overlap?: number;
  readonly position?: readonly string[];
  readonly discard?: true;
}

/** A command about one webhook. */
function onWebhook(
  console: Console,
  command: Command,
  act: (call: ApiClient, webhook: WebhookView, options: Options) => Promise<void>,
): Command {
  return withServerOptions(command.argument("<name>", "the webhook")).action(
    async (name: string, options: Options) => {
      const call = apiClient(console, options);
      await act(call, await find(call, name), options);
    },
  );
}

function show(console: Console, options: Options, webhook: WebhookView): void {
  if (options.json) showJson(console, "webhook", webhook);
  else console.terminal.write(webhookText(webhook));
}

function addCommand(console: Console): Command {
  return withServerOptions(new Command("add").argument("<name>", "what it is called"))
    .description("send events of the ledger to an endpoint; shows the secret that signs them")
    .requiredOption("--url <url>", "where they are sent, https:// or http://")
    .requiredOption("--kind <kind...>", '"order.closed", "alarm.*" or "*"')
    .option(
      "--after <position>",
      "from this position of the ledger on (default: its end)",
      (text) => wholeNumber(0, Number.MAX_SAFE_INTEGER)(text),
    )
    .addHelpText(
      "after",
      examples(
        'flashline webhook add mes --url https://mes.plant.example/flashline --kind "alarm.*"',
      ),
    )
    .action(async (name: string, options: Options) => {
      const { url = "", kind = [], after } = options;
      const body = { name, url, kinds: [...kind], ...defined({ after }) };
      const answer = await apiClient(console, options)("addWebhook", { body });
      if (options.json) showJson(console, "webhook", answer.body);
      else console.terminal.write(secretText(answer.body));
    });
}

function listCommand(console: Console): Command {
  return withServerOptions(new Command("list"))
    .description("webhooks, and how far each of them is")
    .addHelpText("after", examples("flashline webhook list"))
    .action(async (options: ServerOptions) => {
      const { body } = await apiClient(console, options)("webhooks", {});
      showList(console, options, "webhook", body, [
        ["WEBHOOK", ({ name }) => name],
        [
          "STATE",
          ({ on, failingSince }) => (on ? (failingSince === null ? "on" : "failing") : "OFF"),
        ],
        ["KINDS", ({ kinds }) => kinds.join(" ")],
        ["BEHIND", ({ behind }) => String(behind)],
        ["DEAD LETTERS", ({ deadLetters }) => String(deadLetters)],
        ["URL", ({ url }) => url],
      ]);
    });
}

const changed = (console: Console, command: Command, on?: boolean): Command =>
  onWebhook(
    console,
    command.requiredOption("--reason <text>", "why, for the ledger"),
    async (call, { id }, options) => {
      const { url, kind, reason = "" } = options;
      const kinds = kind === undefined ? undefined : [...kind];
      const body = { ...defined({ url, kinds, on }), reason };
      show(console, options, (await call("changeWebhook", { params: { id }, body })).body);
    },
  );

function lettersCommand(console: Console): Command {
  return onWebhook(
    console,
    new Command("letters")
      .description("messages that the endpoint did not take")
      .addHelpText("after", examples("flashline webhook letters mes")),
    async (call, { id }, options) => {
      const { body } = await call("deadLetters", { params: { id } });
      showList(console, options, "letter", body, [
        ["POSITION", ({ position }) => String(position)],
        ["KIND", ({ kind }) => kind],
        ["TRIES", ({ tries }) => String(tries)],
        ["DIED", ({ diedAt }) => diedAt],
        ["ERROR", ({ error, replaying }) => (replaying ? `${error} (is sent again)` : error)],
      ]);
    },
  );
}

function replayCommand(console: Console): Command {
  return onWebhook(
    console,
    new Command("replay")
      .description("send dead letters once more, before what comes next")
      .option("--position <position...>", "these only (default: all)")
      .option("--discard", "remove them instead")
      .addHelpText("after", examples("flashline webhook replay mes")),
    async (call, { id }, options) => {
      const positions = options.position?.map((text) =>
        wholeNumber(1, Number.MAX_SAFE_INTEGER)(text),
      );
      const body = defined({ positions, discard: options.discard });
      const { letters } = (await call("replayWebhook", { params: { id }, body })).body;
      if (options.json) return showJson(console, "replay", { letters });
      console.terminal.write(
        `${letters} ${letters === 1 ? "message" : "messages"} ${options.discard ? "removed" : "on the way once more"}.\n`,
      );
    },
  );
}

function testCommand(console: Console): Command {
  return onWebhook(
    console,
    new Command("test")
      .description("call the endpoint once, and say what it answered")
      .addHelpText("after", examples("flashline webhook test mes")),
    async (call, { id }, options) => {
      const { body } = await call("testWebhook", { params: { id } });
      if (options.json) showJson(console, "test", body);
      if (!body.ok) {
        throw new Refusal("request.conflict", `It did not take the message: ${body.error}.`, {
          exit: ExitCode.Fail,
          hint: "",
        });
      }
      if (!options.json) console.terminal.write(`Answered ${body.status} in ${body.ms} ms.\n`);
    },
  );
}

function rotateCommand(console: Console): Command {
  return onWebhook(
    console,
    new Command("rotate")
      .description("give it another secret; for some hours messages are signed with both")
      .option(
        "--overlap <hours>",
        "how long the old one goes on, 0 to 168",
        wholeNumber(0, 168),
        24,
      )
      .addHelpText("after", examples("flashline webhook rotate mes --overlap 48")),
    async (call, { id }, options) => {
      const body = { overlapHours: options.overlap ?? 24 };
      const answer = await call("rotateWebhookSecret", { params: { id }, body });
      if (options.json) showJson(console, "webhook", answer.body);
      else console.terminal.write(secretText(answer.body));
    },
  );
}

export const webhookCommand = (console: Console): Command =>
  new Command("webhook")
    .addCommand(addCommand(console))
    .addCommand(listCommand(console))
    .addCommand(
      onWebhook(
        console,
        new Command("show")
          .description("one webhook, and what its endpoint last said")
          .addHelpText("after", examples("flashline webhook show mes")),
        async (_call, webhook, options) => show(console, options, webhook),
      ),
    )
    .addCommand(
      changed(
        console,
        new Command("change")
          .description("another address or other kinds; what is not named stays")
          .option("--url <url>", "where they are sent")
          .option("--kind <kind...>", '"order.closed", "alarm.*" or "*"')
          .addHelpText(
            "after",
            examples('flashline webhook change mes --kind "*" --reason "all of it"'),
          ),
      ),
    )
    .addCommand(
      changed(
        console,
        new Command("on")
          .description("switch it on: it goes on where it stopped")
          .addHelpText("after", examples('flashline webhook on mes --reason "it is back"')),
        true,
      ),
    )
    .addCommand(
      changed(
        console,
        new Command("off")
          .description("switch it off")
          .addHelpText("after", examples('flashline webhook off mes --reason "is moved"')),
        false,
      ),
    )
    .addCommand(testCommand(console))
    .addCommand(lettersCommand(console))
    .addCommand(replayCommand(console))
    .addCommand(rotateCommand(console))
    .addCommand(
      onWebhook(
        console,
        new Command("remove")
          .description("remove it with its dead letters")
          .addHelpText("after", examples("flashline webhook remove mes")),
        async (call, { id }, options) => {
          const { body } = await call("removeWebhook", { params: { id } });
          if (options.json) showJson(console, "webhook", body);
          else console.terminal.write(`Webhook ${body.name} is removed.\n`);
        },
      ),
    );
