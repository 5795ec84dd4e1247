import { type DfuTransport, isRunTime, LinkError } from "@flashline/dfu-core/protocol";
import { counting, type UnitMatch } from "../match.ts";
import { pause } from "../pause.ts";
import { placeFromPath } from "../topology/place.ts";
import type { AttachedUnit, UnitSource, UnitWatch } from "../units.ts";
import { watchByScanning } from "../watch.ts";
import { UrbLink } from "./link.ts";
import { DeviceTaken, importDevice, type ListedDevice, listDevices } from "./operations.ts";
import { describeOverLink, UsbIpTransport } from "./transport.ts";

/** Where the USB/IP server is, and which of its devices count. */
export interface UsbIpUnitsOptions {
  readonly host: string;
  /** Default 3240. */
  readonly port?: number;
  /** Which devices count; default: ST's ROM bootloader. `any` takes every DFU interface. */
  readonly match?: UnitMatch;
  /** Between two looks at the list; default 1000 ms. */
  readonly rescanMs?: number;
  /** Real milliseconds for one millisecond of a time-out: below 1 with units that run on a faster clock. Default 1. */
  readonly timeScale?: number;
}

/** Who only reads the strings of a unit holds it for a few milliseconds. */
const IMPORT_ATTEMPTS = 20;
const IMPORT_PAUSE_MS = 50;

type Strings = Pick<AttachedUnit, "serial" | "product" | "layouts" | "runTime">;
const NO_STRINGS: Strings = { serial: "", product: "" };

/** The units of a USB/IP server, reached from user space. They always count as virtual. */
export function usbIpUnits(options: UsbIpUnitsOptions): UnitSource {
  const address = { host: options.host, port: options.port ?? 3240 };
  const counts = counting(options.match);
  const watches = new Set<UnitWatch>();
  /** Strings by busid; valid for one device number. */
  const described = new Map<string, { readonly deviceNumber: number; readonly strings: Strings }>();
  /** Imports of one busid take turns, so that a look at the strings never makes `open` fail. */
  const turns = new Map<string, Promise<unknown>>();

  function inTurn<T>(busid: string, work: () => Promise<T>): Promise<T> {
    const turn = (turns.get(busid) ?? Promise.resolve()).then(work, work);
    turns.set(
      busid,
      turn.catch(() => undefined),
    );
    return turn;
  }

  /** The list has no strings. A unit's strings are read once, while no host has attached it. */
  async function stringsOf(device: ListedDevice): Promise<Strings> {
    const known = described.get(device.busid);
    if (known?.deviceNumber === device.deviceNumber) return known.strings;
    try {
      const strings = await inTurn(device.busid, () => readStrings(device.busid));
      described.set(device.busid, { deviceNumber: device.deviceNumber, strings });
      return strings;
    } catch (error) {
      if (error instanceof LinkError) return NO_STRINGS;
      throw error;
    }
  }

  async function readStrings(busid: string): Promise<Strings> {
    const link = new UrbLink(await importDevice(address, busid));
    try {
      const descriptors = await describeOverLink(link);
      const { serial, product, alternates } = descriptors;
      const runTime = isRunTime(descriptors) ? { runTime: true as const } : {};
      return { serial, product, layouts: alternates.map(({ name }) => name), ...runTime };
    } finally {
      link.close();
    }
  }

  async function list(): Promise<AttachedUnit[]> {
    const devices = (await listDevices(address)).filter(counts);
    const units = await Promise.all(
      devices.map(async (device) => {
        const { path, busid, speed } = device;
        const bootId = new URLSearchParams(path.split("?", 2)[1] ?? "").get("boot");
        return {
          portPath: busid,
          vendorId: device.vendorId,
          productId: device.productId,
          bcdDevice: device.bcdDevice,
          ...(await stringsOf(device)),
          deviceNumber: device.deviceNumber,
          ...(bootId === null ? {} : { bootId }),
          host: placeFromPath({ path, busid, speed, machine: `usbip-${address.host}` }),
          virtual: true,
        };
      }),
    );
    return units.sort((a, b) => a.portPath.localeCompare(b.portPath, "en", { numeric: true }));
  }

  async function open(portPath: string, signal?: AbortSignal): Promise<DfuTransport> {
    const target = { address, busid: portPath, timeScale: options.timeScale ?? 1 };
    for (let attempt = 1; ; attempt++) {
      try {
        return await inTurn(portPath, () => UsbIpTransport.open(target, signal));
      } catch (error) {
        if (!(error instanceof DeviceTaken) || attempt === IMPORT_ATTEMPTS) throw error;
      }
      await pause(IMPORT_PAUSE_MS, signal);
    }
  }

  return {
    list,
    open,
    watch(listener) {
      const watch = watchByScanning({
        scan: list,
        intervalMs: options.rescanMs ?? 1000,
        listener,
      });
      watches.add(watch);
      return watch;
    },
    async close() {
      await Promise.all([...watches].map((watch) => watch.close()));
    },
  };
}
