import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { counting, isRunTimeOnly, type UnitMatch } from "../match.ts";
import { ControllerKind } from "../topology/fingerprint.ts";
import { machineId } from "../topology/machine.ts";
import { portPathAt } from "../topology/port-place.ts";
import { fingerprintOf, listSysfsDevices } from "../topology/sysfs.ts";
import type { AttachedUnit, UnitSource, UnitWatch } from "../units.ts";
import { watchByScanning } from "../watch.ts";
import { nativeUsb } from "./native.ts";
import { deviceOnPort } from "./port.ts";
import { KernelTransport } from "./transport.ts";

/** Which units of this PC are looked for, and how often. */
export interface KernelUnitsOptions {
  /** Which devices count; default: ST's ROM bootloader. `any` takes every DFU interface. */
  readonly match?: UnitMatch;
  /** Where sysfs is mounted; default "/sys". */
  readonly sysfs?: string;
  /** Between two scans; default 1000 ms. Hotplug events make it faster where udevd runs. */
  readonly rescanMs?: number;
}

/** The units on this PC's ports, through the Linux kernel's USB stack. A machine without USB has none. */
export function kernelUnits(options: KernelUnitsOptions = {}): UnitSource {
  const sysfs = options.sysfs ?? "/sys";
  const counts = counting(options.match);
  const machine = machineId();
  const bootId = readBootId();
  const watches = new Set<UnitWatch>();

  async function list(): Promise<AttachedUnit[]> {
    const devices = (await listSysfsDevices(sysfs)).filter(counts);
    const units = devices.flatMap(({ directory: _, interfaces, ...device }) => {
      const host = fingerprintOf(sysfs, device.portPath, machine);
      if (host === undefined) return [];
      const virtual = host.controller.kind === ControllerKind.Virtual;
      const runTime = isRunTimeOnly(interfaces) ? { runTime: true as const } : {};
      const boot = bootId === undefined ? {} : { bootId };
      return [{ ...device, ...runTime, ...boot, host, virtual }];
    });
    return units.sort((a, b) => a.portPath.localeCompare(b.portPath, "en", { numeric: true }));
  }

  return {
    list,
    async open(portPath, signal) {
      signal?.throwIfAborted();
      return await KernelTransport.open(portPath);
    },
    watch(listener) {
      const watch = watchByScanning({
        scan: list,
        intervalMs: options.rescanMs ?? 1000,
        listener,
        onHint: (hint) => onHotplug(sysfs, hint),
      });
      watches.add(watch);
      return watch;
    },
    deviceOn: (portPath) => deviceOnPort(portPath, sysfs),
    portAt: (place) => portPathAt(place, sysfs),
    async close() {
      await Promise.all([...watches].map((watch) => watch.close()));
    },
  };
}

/** Where the kernel has no USB, `usb` rejects in the background and nobody can handle it. There it is not asked. */
function onHotplug(sysfs: string, hint: () => void): () => void {
  if (!existsSync(join(sysfs, "bus/usb/devices"))) return () => undefined;
  let wanted = true;
  let forget: (() => void) | undefined;
  // A package that cannot be loaded is no reason to go on without it: the rejection ends the process.
  void nativeUsb().then((usb) => {
    if (!wanted) return;
    usb.addEventListener("connect", hint);
    usb.addEventListener("disconnect", hint);
    // What was plugged or unplugged before nobody was told of.
    hint();
    forget = () => {
      usb.removeEventListener("connect", hint);
      usb.removeEventListener("disconnect", hint);
    };
  });
  return () => {
    wanted = false;
    forget?.();
  };
}

/** See proc_sys_kernel(5), random/boot_id. */
function readBootId(): string | undefined {
  try {
    return readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
  } catch {
    return undefined;
  }
}
