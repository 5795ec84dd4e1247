import { setTimeout as pause } from "node:timers/promises";
import { FlashlineError, RefusedError } from "@flashline/contract";
import { pino } from "pino";
import { type Config, formerNames, readConfig } from "../config.ts";
import type { SourceArguments } from "../source.ts";
import { readCurrent, saySick } from "../updates/current.ts";
import { EXIT_SWITCH, PACKAGE, readLaunched } from "../updates/launched.ts";
import type { AgentCommand } from "./arguments.ts";
import { runDoctor } from "./doctor.ts";
import { enroll } from "./enroll.ts";
import { nestCommand } from "./nest.ts";
import { resend } from "./resend.ts";
import { runAgent } from "./run.ts";

/** So long an agent that starts as another version takes to end, milliseconds. */
const SWITCH_MS = 60_000;

async function stay(config: Config, source: SourceArguments): Promise<void> {
  const log = pino({
    level: config.logLevel,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
  });
  let stopping = false;
  const end = (code: number, last?: () => Promise<void>): void => {
    if (stopping) return;
    stopping = true;
    log.info({ step: "stop" }, "stopping");
    started
      .then((agent) =>
        // Nothing is in work before a switch: what does not end by itself is cut off, and does not leave the station without an agent.
        code === EXIT_SWITCH ? Promise.race([agent.stop(), pause(SWITCH_MS)]) : agent.stop(),
      )
      .then(last)
      .then(
        () => process.exit(code),
        (error: unknown) => {
          log.fatal({ err: error, step: "stop" }, "stopping failed");
          process.exit(1);
        },
      );
  };
  const started = runAgent(config, source, log, (last) => end(EXIT_SWITCH, last));
  await started;
  const stop = (): void => end(0);
  process.on("SIGTERM", stop);
  process.on("SIGINT", stop);
}

async function answer(command: AgentCommand): Promise<number | undefined> {
  for (const line of formerNames(process.env)) process.stderr.write(`${line}\n`);
  const config = readConfig(process.env);
  switch (command.name) {
    case "enroll": {
      const sentences = await enroll(config, command.given);
      process.stdout.write(`${sentences.join("\n")}\n`);
      return 0;
    }
    case "run":
      await stay(config, command.given);
      return undefined;
    case "nest":
      process.stdout.write(`${(await nestCommand(config, command.given)).join("\n")}\n`);
      return 0;
    case "resend":
      process.stdout.write(`${(await resend(config)).join("\n")}\n`);
      return 0;
    case "doctor":
      return await runDoctor(config, command.given, (text) => process.stdout.write(text));
  }
}

/** What a person at a shell reads: no stack, every problem on its own line. */
function sentenceOf(error: unknown): string {
  if (error instanceof RefusedError) return `${error.refusal.code}: ${error.refusal.message}`;
  if (error instanceof FlashlineError) return `${error.code}: ${error.message}`;
  return error instanceof Error ? error.message : String(error);
}

/** A version that does not come up tells the one that runs after it why. */
async function sayWhy(error: unknown): Promise<void> {
  const launched = readLaunched(process.env);
  if (launched === undefined || launched.started === PACKAGE) return;
  const current = await readCurrent(launched.versions);
  if (current?.state !== "trial") return;
  await saySick(launched.versions, sentenceOf(error)).catch(() => undefined);
}

/** Does what was asked for. A refusal goes to the standard error, and the process ends with 1. */
export async function execute(command: AgentCommand): Promise<void> {
  try {
    process.exitCode = await answer(command);
  } catch (error) {
    process.stderr.write(`${sentenceOf(error)}\n`);
    await sayWhy(error);
    process.exit(1);
  }
}
