import { parseArgs } from "node:util";
import { FlashlineError, RefusedError } from "@flashline/contract";
import { pino } from "pino";
import { runDoctor } from "./commands/doctor.ts";
import { enrol } from "./commands/enrol.ts";
import { runAgent } from "./commands/run.ts";
import { type Config, readConfig } from "./config.ts";

const USAGE = `Usage:
  flashline-agent enroll --server URL --token T [--key FILE.pub]... [--nest NAME=PORTPATH]...
  flashline-agent run [--usbip HOST:PORT] [--clock-speed N]
  flashline-agent doctor [--usbip HOST:PORT] [--json]

Environment: FLASHLINE_DATA, FLASHLINE_SERVER, FLASHLINE_HOST, FLASHLINE_PORT (8371),
             FLASHLINE_LOG (info), FLASHLINE_CACHE_MB (512)`;

/** Usage errors, as the other tools of this project answer them. */
const EXIT_USAGE = 2;

const OPTIONS = {
  server: { type: "string" },
  token: { type: "string" },
  key: { type: "string", multiple: true },
  nest: { type: "string", multiple: true },
  usbip: { type: "string" },
  "clock-speed": { type: "string" },
  json: { type: "boolean", default: false },
  help: { type: "boolean", short: "h", default: false },
} as const;

function readArguments() {
  return parseArgs({ options: OPTIONS, allowPositionals: true, strict: true });
}

type Arguments = ReturnType<typeof readArguments>["values"];

async function run(config: Config, given: Arguments): Promise<void> {
  const log = pino({
    level: config.logLevel,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
  });
  const source = { usbip: given.usbip, clockSpeed: given["clock-speed"] };
  const agent = await runAgent(config, source, log);
  let stopping = false;
  const stop = (): void => {
    if (stopping) return;
    stopping = true;
    log.info({ step: "stop" }, "stopping");
    agent.stop().then(
      () => process.exit(0),
      (error: unknown) => {
        log.fatal({ err: error, step: "stop" }, "stopping failed");
        process.exit(1);
      },
    );
  };
  process.on("SIGTERM", stop);
  process.on("SIGINT", stop);
}

async function execute(command: string | undefined, given: Arguments): Promise<number | undefined> {
  const config = readConfig(process.env);
  switch (command) {
    case "enroll": {
      const { server, token, key: keys = [], nest: nests = [] } = given;
      const sentences = await enrol(config, { server, token, keys, nests });
      process.stdout.write(`${sentences.join("\n")}\n`);
      return 0;
    }
    case "run":
      await run(config, given);
      return undefined;
    case "doctor":
      return await runDoctor(config, { usbip: given.usbip, json: given.json }, (text) =>
        process.stdout.write(text),
      );
    default:
      process.stderr.write(`${USAGE}\n`);
      return EXIT_USAGE;
  }
}

/** What a person at a shell reads: no stack, every problem on its own line. */
function sentenceOf(error: unknown): string {
  if (error instanceof RefusedError) return `${error.refusal.code}: ${error.refusal.message}`;
  if (error instanceof FlashlineError) return `${error.code}: ${error.message}`;
  return error instanceof Error ? error.message : String(error);
}

async function main(): Promise<void> {
  let parsed: ReturnType<typeof readArguments>;
  try {
    parsed = readArguments();
  } catch (error) {
    process.stderr.write(`${sentenceOf(error)}\n\n${USAGE}\n`);
    process.exitCode = EXIT_USAGE;
    return;
  }
  if (parsed.values.help) {
    process.stdout.write(`${USAGE}\n`);
    return;
  }
  try {
    process.exitCode = await execute(parsed.positionals[0], parsed.values);
  } catch (error) {
    process.stderr.write(`${sentenceOf(error)}\n`);
    process.exit(1);
  }
}

await main();
