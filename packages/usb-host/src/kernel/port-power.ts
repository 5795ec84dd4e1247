import { constants } from "node:fs";
import { access, writeFile } from "node:fs/promises";
import { type AbortSignalLike, LinkError, LinkFault } from "@flashline/dfu-core/protocol";
import { linkErrorFrom } from "../errors.ts";
import { pause } from "../pause.ts";
import { type HubPort, hubPortOf } from "../topology/hub-port.ts";
import type { UsbIds } from "../units.ts";
import { type PowerSwitching, readPowerSwitching } from "./hub-descriptor.ts";
import { deviceOnPort } from "./port.ts";

/** Whether the power of one port can be switched without touching any other. */
export interface PortPower {
  readonly switchable: boolean;
  /** A sentence for an engineer: by what, or why not. */
  readonly reason: string;
  /** Somebody has switched the port off and not on again. */
  readonly off: boolean;
}

export interface PortPowerOptions {
  /** Where sysfs is mounted; default "/sys". */
  readonly sysfs?: string;
  /** What the hub on a port path says of its power switches; default: asks the hub. */
  readonly switching?: (hub: string) => Promise<PowerSwitching>;
}

export interface PowerCycleOptions extends PortPowerOptions {
  /** What may be plugged in. Any other device keeps its power. An empty port is switched as well. */
  readonly unit: UsbIds;
  /** How long the port stays off; long enough for the capacitors of a board. Default 2000 ms. */
  readonly offMs?: number;
  readonly signal?: AbortSignalLike | undefined;
}

const OFF_MS = 2000;
const TRIES = 5;
const BETWEEN_TRIES_MS = 500;

/**
 * Whether {@link cyclePortPower} would touch `portPath`. Only a hub that says that it switches each port by itself counts (hub
 * descriptor, wHubCharacteristics, USB 2.0 table 11-13): a ganged one would take the neighbours' power. What a hub says is not
 * always what its maker has wired. If the port keeps its power, the power cycle cures nothing.
 */
export async function portPower(
  portPath: string,
  options: PortPowerOptions = {},
): Promise<PortPower> {
  const port = await hubPortOf(options.sysfs ?? "/sys", portPath);
  const off = port?.off ?? false;
  try {
    const { hub } = await switchesOf(portPath, port, options);
    return { switchable: true, reason: `hub ${hub} switches each port by itself`, off };
  } catch (error) {
    if (!(error instanceof LinkError)) throw error;
    return { switchable: false, reason: error.message, off };
  }
}

/**
 * Takes the power from a port for a while, and gives it back in every case, also after an abort. Linux disconnects the
 * device first (drivers/usb/core/port.c, disable_store).
 * @throws LinkError `io` with the reason when it cannot or may not, and nothing was switched; or when the port stays off
 */
export async function cyclePortPower(portPath: string, options: PowerCycleOptions): Promise<void> {
  const sysfs = options.sysfs ?? "/sys";
  const { files } = await switchesOf(portPath, await hubPortOf(sysfs, portPath), options);
  const there = await deviceOnPort(portPath, sysfs);
  const { vendorId, productId } = options.unit;
  if (there !== undefined && (there.vendorId !== vendorId || there.productId !== productId)) {
    throw cannot(portPath, "something else is plugged in");
  }
  options.signal?.throwIfAborted();
  const done: string[] = [];
  try {
    for (const file of files) {
      // Before the write: one that reports an error may have been done.
      done.unshift(file);
      await write(file, "1", portPath);
    }
    await pause(options.offMs ?? OFF_MS, options.signal);
  } catch (error) {
    await switchAllOn(done, portPath).catch(() => undefined);
    throw error;
  }
  await switchAllOn(done, portPath);
}

/** Tries all of them, even if one fails. A half that stays off must not keep the own port of the unit off. */
async function switchAllOn(files: readonly string[], portPath: string): Promise<void> {
  const ends = await Promise.allSettled(files.map((file) => switchOn(file, portPath)));
  const failed = ends.find((end) => end.status === "rejected");
  if (failed !== undefined) throw failed.reason;
}

/** A hub that is busy or just woken up may refuse once. A port that stays off would look like a broken nest. */
async function switchOn(file: string, portPath: string): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await write(file, "0", portPath);
    } catch (error) {
      if (tries === TRIES) throw error;
      await pause(BETWEEN_TRIES_MS);
    }
  }
}

async function write(file: string, value: "0" | "1", portPath: string): Promise<void> {
  try {
    await writeFile(file, value);
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    throw cannot(portPath, text, error);
  }
}

/** The files to write, the unit's own port first. */
async function switchesOf(
  portPath: string,
  port: HubPort | undefined,
  { switching = readPowerSwitching }: PortPowerOptions,
): Promise<{ readonly hub: string; readonly files: readonly string[] }> {
  if (port === undefined) throw cannot(portPath, "its hub is not there");
  if (port.virtual) throw cannot(portPath, "a port of the kernel's USB/IP client has none");
  const files: string[] = [];
  for (const half of port.peer === undefined ? [port] : [port, port.peer]) {
    if (half.hub === undefined) {
      throw cannot(portPath, "a port of the PC itself does not say what it switches: use a hub");
    }
    if (half.switch === undefined) throw cannot(portPath, "this needs Linux 6.0 or newer");
    if (half !== port && half.occupant !== undefined) {
      throw cannot(portPath, `${half.occupant} shares the connector`);
    }
    const kind = await switching(half.hub).catch((error: unknown) => {
      const { message } = linkErrorFrom(error, `asking hub ${half.hub}`);
      throw cannot(portPath, message, error);
    });
    if (kind !== "each") throw cannot(portPath, REFUSED[kind](half.hub));
    await access(half.switch, constants.W_OK).catch((error: unknown) => {
      throw cannot(portPath, `no permission to write ${half.switch}`, error);
    });
    files.push(half.switch);
  }
  return { hub: port.hub ?? "", files };
}

const REFUSED: Readonly<Record<Exclude<PowerSwitching, "each">, (hub: string) => string>> = {
  all: (hub) => `hub ${hub} switches all its ports together`,
  none: (hub) => `hub ${hub} does not switch power`,
};

const cannot = (portPath: string, why: string, cause?: unknown): LinkError =>
  new LinkError(LinkFault.Io, `power of port ${portPath}: ${why}`, { cause });
