import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Clock } from "@flashline/dfu-core/protocol";
import { scaledClock } from "../clock/real-clock.ts";
import { usage } from "../errors.ts";
import { parseFault } from "../faults/parse.ts";
import { type Part, partByName } from "../parts/index.ts";
import { DEFAULT_PLACE, type Place } from "../place/place.ts";
import { createRandom } from "../random.ts";
import { createVirtualUnit, type VirtualUnit } from "../unit/virtual-unit.ts";
import { serveUsbIp } from "../usbip/server.ts";
import { serveUsbRedir } from "../usbredir/server.ts";
import type { WireServer } from "../wire/listen.ts";
import { parseApplication } from "./application.ts";
import { type CommandContext, report, runCommand } from "./commands.ts";
import { parseScript, type ScriptEntry } from "./script.ts";

/** Which virtual units are served, and over which protocols. */
export interface SimulatorOptions {
  /** "f407"; see PARTS. */
  readonly chip: string;
  /** 1 to 63. */
  readonly units: number;
  /** 0 takes a free port; absent: no USB/IP server. */
  readonly usbipPort?: number;
  /** Unit k listens on this port + k − 1; 0 takes free ones; absent: no usbredir servers. */
  readonly usbredirPort?: number;
  /** NAME[=VALUE][:UNIT] */
  readonly faults?: readonly string[];
  /** What all units show after their applications were started; see parseApplication. Absent: nothing. */
  readonly application?: string;
  /** Path of a file of JSON lines; see parseScript. */
  readonly script?: string;
  /** Default 1. Unit k draws from its own stream. */
  readonly seed?: number;
  /**
   * Absent: erases and programs are done at once, while the poll times are announced as the ROM does. 1: they take their
   * datasheet time. N: N times faster, for hosts whose clock runs at the same speed.
   */
  readonly speed?: number;
  /** With `speed`: what the datasheet calls typical (default) or maximum. */
  readonly timing?: "typical" | "maximum";
  /** Instead of the machine's clock at `speed`. A script that names times is reproducible only on a clock that the host moves. */
  readonly clock?: Clock;
  readonly place?: Place;
  /** Machine name in the place, when `place` has none. */
  readonly machine?: string;
  /** Flash contents and counters are written here when the simulator closes, and by the command `dump`. */
  readonly dumpDir?: string;
}

/** Running servers with their virtual units. */
export interface Simulator {
  readonly ports: { readonly usbip: number | undefined; readonly usbredir: readonly number[] };
  readonly units: readonly VirtualUnit[];
  /**
   * One line of the console; answers with lines of JSON.
   * @throws SimError usage.argument
   */
  command(line: string): string;
  /** Ends the servers and writes the dump. */
  close(): Promise<void>;
}

const MOST_UNITS = 63;

/** @throws SimError usage.argument, sim.listen */
export async function createSimulator(options: SimulatorOptions): Promise<Simulator> {
  const part = partByName(options.chip);
  if (!Number.isInteger(options.units) || options.units < 1 || options.units > MOST_UNITS) {
    throw usage(`units must be 1 to ${MOST_UNITS}, got ${options.units}`);
  }
  const script = options.script === undefined ? [] : parseScript(readScript(options.script));
  const seed = options.seed ?? 1;
  const application =
    options.application === undefined ? undefined : parseApplication(options.application);
  const clock = options.clock ?? scaledClock(options.speed ?? 1);
  const units = Array.from({ length: options.units }, (_, index) =>
    createVirtualUnit({
      part,
      clock,
      serial: uniqueSerial(part, seed, index, 0),
      seed: seed * 1000 + index,
      timing: options.speed === undefined ? "none" : (options.timing ?? "typical"),
      place: placeOf(options),
      ...(application === undefined ? {} : { application }),
    }),
  );
  const replaced = units.map(() => 0);
  const context: CommandContext = {
    units,
    freshSerial: (index) => {
      replaced[index] = (replaced[index] ?? 0) + 1;
      return uniqueSerial(part, seed, index, replaced[index] ?? 0);
    },
    dump: () => dump(units, options.dumpDir),
  };
  const command = (line: string): string => runCommand(context, line);
  for (const fault of options.faults ?? []) {
    parseFault(fault);
    command(`fault ${fault}`);
  }
  const stopScript = play(script, clock, units, command);
  const { usbip, usbredir, servers } = await serve(options, units);
  return {
    ports: { usbip: usbip?.port, usbredir: usbredir.map((server) => server.port) },
    units,
    command,
    close: async () => {
      stopScript();
      await Promise.all(servers.map((server) => server.close()));
      if (options.dumpDir !== undefined) dump(units, options.dumpDir);
    },
  };
}

function readScript(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (cause) {
    throw usage(`cannot read the script ${path}: ${String(cause)}`);
  }
}

function placeOf(options: SimulatorOptions): Place {
  const place = options.place ?? DEFAULT_PLACE;
  return { ...place, machine: place.machine || (options.machine ?? "") };
}

/** As the ROM makes it from the chip's UID: 12 hexadecimal digits. */
function uniqueSerial(part: Part, seed: number, index: number, generation: number): string {
  if (part.usb.staticSerial) return part.usb.serial;
  const random = createRandom(seed).fork(`serial ${index} ${generation}`);
  const digit = (): string => random.integer(16).toString(16).toUpperCase();
  return Array.from({ length: 12 }, digit).join("");
}

/** Starts what the options ask for, or nothing when one of them cannot listen. */
async function serve(
  options: SimulatorOptions,
  units: readonly VirtualUnit[],
): Promise<{
  readonly usbip: WireServer | undefined;
  readonly usbredir: readonly WireServer[];
  readonly servers: readonly WireServer[];
}> {
  const servers: WireServer[] = [];
  try {
    let usbip: WireServer | undefined;
    if (options.usbipPort !== undefined) {
      usbip = await serveUsbIp({ units, port: options.usbipPort });
      servers.push(usbip);
    }
    const usbredir: WireServer[] = [];
    if (options.usbredirPort !== undefined) {
      for (const [index, unit] of units.entries()) {
        const port = options.usbredirPort === 0 ? 0 : options.usbredirPort + index;
        const server = await serveUsbRedir({ unit, port });
        servers.push(server);
        usbredir.push(server);
      }
    }
    return { usbip, usbredir, servers };
  } catch (error) {
    await Promise.all(servers.map((server) => server.close()));
    throw error;
  }
}

/** Plays the script; returns what stops it. */
function play(
  script: readonly ScriptEntry[],
  clock: Clock,
  units: readonly VirtualUnit[],
  command: (line: string) => string,
): () => void {
  const stop = new AbortController();
  const ends: (() => void)[] = [() => stop.abort()];
  const missing = script.find(({ unit }) => unit > units.length);
  if (missing) throw usage(`script: no unit ${missing.unit}`);
  for (const { when, unit: number, command: line } of script) {
    const unit = units[number - 1];
    if (!unit) continue;
    if (when.kind === "at") {
      clock.sleep(when.ms, stop.signal).then(
        () => command(line),
        () => undefined,
      );
      continue;
    }
    const end = unit.onTransfer(() => {
      if (unit.counters.downloadedBytes < when.bytes) return;
      end();
      command(line);
    });
    ends.push(end);
  }
  return () => {
    for (const end of ends) end();
  };
}

function dump(units: readonly VirtualUnit[], dir: string | undefined): void {
  if (dir === undefined) throw usage("no dump directory was given");
  mkdirSync(dir, { recursive: true });
  units.forEach((unit, index) => {
    writeFileSync(join(dir, `unit-${index + 1}.bin`), unit.flash.snapshot());
    const text = JSON.stringify(report(unit, index), null, 2);
    writeFileSync(join(dir, `unit-${index + 1}.json`), `${text}\n`);
  });
}
