import type { HoldKind } from "@flashline/contract";
import { Command } from "commander";
import { apiClient, type ServerOptions, withServerOptions } from "../api.ts";
import type { Console } from "../console.ts";
import { examples } from "../examples.ts";
import { Refusal } from "../refusal.ts";
import { HOLD_WORDS, type TargetOptions } from "./kinds.ts";
import { effectText, holdText } from "./text.ts";

interface Options extends ServerOptions, TargetOptions {
  readonly reason?: string;
  readonly dryRun?: true;
}

const json = (event: string, body: object): string => `${JSON.stringify({ event, ...body })}\n`;

function reasonOf({ reason = "" }: Options): string {
  if (reason.trim() !== "") return reason;
  throw new Refusal(
    "usage.argument",
    'Why? Say --reason "…": everybody who meets the hold reads it.',
  );
}

/** A command with a kind's arguments; `args` come without commander's own two. */
function onTarget(
  kind: HoldKind,
  verb: "stop" | "resume",
  act: (args: readonly string[], options: Options) => Promise<void>,
): Command {
  const words = HOLD_WORDS[kind];
  const command = new Command(words[verb]).description(
    verb === "stop" ? words.stopMeans : words.resumeMeans,
  );
  for (const [name, means] of words.args) command.argument(name, means);
  const example = `flashline ${kind} ${words[verb]} ${words.example}`;
  const reason = verb === "stop" ? "fixture is loose" : "fixture is tight";
  return words
    .withOptions(withServerOptions(command))
    .option("--reason <text>", "why, for everybody to read")
    .addHelpText("after", examples(`${example} --reason "${reason}"`))
    .action(async (...all: unknown[]) => {
      const given = all.slice(0, words.args.length).map(String);
      await act(given, all[words.args.length] as Options);
    });
}

/** The command that sets a hold of this kind: "off" of a nest. */
export function stopCommand(console: Console, kind: HoldKind): Command {
  const { target: targetOf } = HOLD_WORDS[kind];
  return onTarget(kind, "stop", async (args, options) => {
    const call = apiClient(console, options);
    const target = targetOf(args, options);
    if (options.dryRun) {
      const { body } = await call("previewHold", { query: target });
      const there = body.hold === null ? "" : `there is a hold already: ${holdText(body.hold)}`;
      console.terminal.write(
        options.json
          ? json("preview", body)
          : `${body.name}, if it were stopped:\n${effectText(body)}${there}`,
      );
      return;
    }
    const { body } = await call("setHold", { body: { target, reason: reasonOf(options) } });
    console.terminal.write(
      options.json ? json("hold", body) : `${holdText(body.hold)}${effectText(body.effect)}`,
    );
  }).option("--dry-run", "what it would do; nothing is stopped");
}

/** The command that lifts it: "on" of a nest. */
export function resumeCommand(console: Console, kind: HoldKind): Command {
  const { target: targetOf } = HOLD_WORDS[kind];
  return onTarget(kind, "resume", async (args, options) => {
    const call = apiClient(console, options);
    const { body } = await call("liftHold", {
      body: { target: targetOf(args, options), reason: reasonOf(options) },
    });
    console.terminal.write(options.json ? json("hold", { hold: body }) : holdText(body));
  });
}

/** A noun whose commands stop it and let it go on. */
export const nounCommand = (console: Console, kind: HoldKind): Command =>
  new Command(kind).addCommand(stopCommand(console, kind)).addCommand(resumeCommand(console, kind));
