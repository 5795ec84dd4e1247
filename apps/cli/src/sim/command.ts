import { createInterface } from "node:readline";
import {
  createSimulator,
  DEFAULT_PLACE,
  type Place,
  SimError,
  type Simulator,
} from "@flashline/virtual-stm32";
import { Command } from "commander";
import { collect, positive, wholeNumber } from "../arguments.ts";
import type { Console } from "../console.ts";
import { defined } from "../defined.ts";
import { Refusal } from "../refusal.ts";
import { systemErrorReason } from "../system-error.ts";
import { plural } from "../terminal/units.ts";
import { gap, hub, port, probability, type SimOptions, usbId } from "./options.ts";

const HELP = `
Lines on stdin: status · unplug K [MS] · plug K · power K on|off · powercycle K · replace K [SERIAL] · application K SPEC|off · fault SPEC · dump
Faults: ${"NAME[=VALUE][:UNIT]"}, e.g. stall=0.02, busy-wedge=reset:2, busy-wedge=reset@0.2,over=256,silent, stuck=0x08000100/1:3, write-protect=0-3:1

Examples:
  flashline sim --chip f407 --units 8 --usbip 3240
  flashline sim --chip g0b1 --units 2 --usbip 3240 --fault stall=0.02:1 --fault silent-drop:2 --seed 7
  flashline sim --chip f072 --usbip 0 --controller 1022:15b8 --loss 0.001 --machine line-7

Everything here is virtual: no port of this PC is touched.`;

export function simCommand(console: Console): Command {
  return new Command("sim")
    .requiredOption("--chip <name>", "which part, e.g. f407")
    .option("--units <number>", "how many", wholeNumber(1, 63), 1)
    .option("--usbip <port>", "serve all units over USB/IP on 127.0.0.1 (default 3240)", port)
    .option("--usbredir <port>", "serve unit k over usbredir on port + k − 1", port)
    .option("--fault <spec>", "NAME[=VALUE][:UNIT]; may be repeated", collect, [])
    .option(
      "--application <spec>",
      "what units show once started: VID:PID, VID:PID,SERIAL or VID:PID,@ADDRESS+LENGTH (the serial in its flash)",
    )
    .option("--script <file>", "what happens when: JSON lines")
    .option("--seed <number>", "the same seed, the same faults", wholeNumber(0, 2 ** 31), 1)
    .option("--real-time", "erases and writes take the datasheet's time")
    .option("--speed <factor>", "… on a clock that runs so many times faster", positive)
    .option("--maximum", "… and what it calls the maximum, instead of typical")
    .option("--dump <folder>", "flash contents and counters go there on SIGTERM")
    .option("--machine <name>", "the line PC that the units seem to be plugged into")
    .option("--controller <id>", "its USB controller, e.g. 1022:15b8", usbId)
    .option("--driver <name>", "the controller's driver", DEFAULT_PLACE.controller.driver)
    .option("--hub <id[,tt]>", "a hub in between, e.g. 05e3:0610,multi; may be repeated", hub, [])
    .option(
      "--loss <probability>",
      "the controller misses a packet so often (a bad host)",
      probability,
    )
    .option(
      "--fatal-share <probability>",
      "share of those losses after which only a power cycle helps (default: 0.004)",
      probability,
    )
    .option(
      "--experiment-gap <ms,factor>",
      "a world in which waiting so long between transfers changes the loss; nothing published says that it does",
      gap,
    )
    .option("--json", "what listens, as one JSON line")
    .addHelpText("after", HELP)
    .action(async (options: SimOptions) => {
      const simulator = await start(options);
      console.terminal.write(listening(options, simulator));
      await serveUntilSignal(console, simulator);
    });
}

async function start(options: SimOptions): Promise<Simulator> {
  const { chip, units, seed, script, dump, usbredir, machine, application } = options;
  const speed = options.speed ?? (options.realTime ? 1 : undefined);
  const timing = options.maximum ? ("maximum" as const) : undefined;
  const usbipPort = options.usbip ?? (usbredir === undefined ? 3240 : undefined);
  try {
    return await createSimulator({
      chip,
      units,
      seed,
      faults: options.fault,
      place: placeOf(options),
      ...defined({
        usbipPort,
        usbredirPort: usbredir,
        script,
        application,
        speed,
        timing,
        machine,
        dumpDir: dump,
      }),
    });
  } catch (error) {
    if (!(error instanceof SimError)) throw error;
    const reason = systemErrorReason(error.cause);
    const message = reason === undefined ? error.message : `${error.message}: ${reason}.`;
    throw new Refusal("usage.argument", message, { cause: error });
  }
}

function placeOf(options: SimOptions): Place {
  const { controller, driver, hub: hubs, loss, machine, fatalShare, experimentGap } = options;
  return {
    machine: machine ?? "",
    controller: { ...DEFAULT_PLACE.controller, driver, ...defined({ id: controller }) },
    hubs,
    ...(loss === undefined
      ? {}
      : { defect: { lossPerPacket: loss, ...defined({ fatalShare, experimentGap }) } }),
  };
}

function listening(options: SimOptions, { ports, units }: Simulator): string {
  const { chip, json } = options;
  if (json)
    return `${JSON.stringify({ event: "listening", chip, units: units.length, usbip: ports.usbip ?? null, usbredir: ports.usbredir })}\n`;
  const lines = [`${plural(units.length, "virtual unit")}, ${units[0]?.part.name ?? chip}`];
  if (ports.usbip !== undefined)
    lines.push(`USB/IP on 127.0.0.1:${ports.usbip}, busids 1-1 to 1-${units.length}`);
  const [first] = ports.usbredir;
  if (first !== undefined) lines.push(`usbredir on 127.0.0.1:${ports.usbredir.join(", ")}`);
  return `${lines.join("\n")}\n`;
}

/** Runs commands from stdin until SIGINT, SIGTERM or SIGHUP; the end of stdin is no reason to stop. */
async function serveUntilSignal(console: Console, simulator: Simulator): Promise<void> {
  const { terminal } = console;
  const lines = createInterface({ input: process.stdin });
  lines.on("line", (line) => {
    if (line.trim() === "") return;
    try {
      terminal.write(`${simulator.command(line)}\n`);
    } catch (error) {
      if (!(error instanceof SimError)) throw error;
      terminal.writeError(`${error.message}\n`);
    }
  });
  const stop = console.onInterrupt();
  await new Promise<void>((resolve) => {
    stop.signal.addEventListener("abort", () => resolve(), { once: true });
  });
  lines.close();
  process.stdin.unref?.();
  await simulator.close();
  stop.release();
}
