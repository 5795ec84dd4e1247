import type { StationSetup } from "@flashline/contract";
import type { UnitSource } from "@flashline/usb-host";
import type { Config } from "../config.ts";
import { chooseSource } from "../source.ts";
import { readSetup } from "../station/identity.ts";
import { examineEnrollment, examineKeys } from "./enrollment.ts";
import { type Finding, fail, ok, warn } from "./finding.ts";
import { examineHooks } from "./hooks.ts";
import { examineKernelLog } from "./kernel-log.ts";
import { examinePortPower } from "./port-power.ts";
import { examinePortStatus } from "./port-status.ts";
import { examinePrinter } from "./printer.ts";
import { examineAside, examineCache, examineFolder, examineJournal } from "./storage.ts";
import { examineUpdates } from "./updates.ts";
import { examineUsbAccess } from "./usb-access.ts";

/** Looks at everything that a station needs, changes nothing, and stops at nothing. `usbip` as in `run`. */
export async function examine(config: Config, usbip: string | undefined): Promise<Finding[]> {
  const { findings, setup } = await examineEnrollment(config);
  const known = setup ?? (await readSetup(config.dataDir));
  return [
    await examineFolder(config.dataDir),
    ...findings,
    await examineKeys(config.dataDir),
    await examineJournal(config.dataDir),
    await examineAside(config.dataDir),
    await examineCache(config),
    ...(await examineHooks(config.dataDir)),
    ...(await examineUpdates(config.updateKeys)),
    await examinePrinter(config.printer, known),
    ...(usbip === undefined
      ? [
          ...(await examineUsbAccess("/")),
          ...(await examinePortPower(known)),
          ...(await examinePortStatus(known)),
          ...(await examineKernelLog()),
        ]
      : []),
    ...(await examineUnits(usbip, known)),
  ];
}

async function examineUnits(
  usbip: string | undefined,
  setup: StationSetup | undefined,
): Promise<Finding[]> {
  let source: UnitSource | undefined;
  try {
    source = chooseSource({ usbip, clockSpeed: undefined }).source;
    const units = await source.list();
    const seen = units.map(({ portPath, product, host }) => {
      const { driver, vendorDevice, pciAddress } = host.controller;
      const hubs = host.hubs.map(({ vendorProduct }) => vendorProduct).join(" > ");
      const way = hubs === "" ? "no hub" : `hub ${hubs}`;
      const name = product === "" ? "a DFU device" : product;
      return ok(
        "unit",
        `${portPath}: ${name}, ${driver} ${vendorDevice} at ${pciAddress}, ${way}.`,
      );
    });
    const none = warn("units", "No unit in bootloader mode is plugged in now.");
    return [...(units.length === 0 ? [none] : seen), ...nestFindings(setup, units)];
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return [fail("units", `The ports cannot be looked at: ${reason}.`)];
  } finally {
    await source?.close();
  }
}

function nestFindings(
  setup: StationSetup | undefined,
  units: readonly { readonly portPath: string }[],
): Finding[] {
  if (setup === undefined) return [];
  if (setup.nests.length === 0) {
    return [
      fail(
        "nests",
        "The station has no nest. Teach one: Nests at the foot of the station page, or flashline-agent nest add.",
      ),
    ];
  }
  const ports = new Set(setup.nests.map(({ portPath }) => portPath));
  const nests = setup.nests.map(({ name, portPath, enabled }) => {
    const unit = units.some((candidate) => candidate.portPath === portPath);
    const use = enabled ? "" : ", out of use";
    if (!/^\d+-/.test(portPath)) {
      return warn(
        `nest ${name}`,
        `Its controller is not there: ${portPath}${use}. Plug a unit in and move the nest: Nests on the station page.`,
      );
    }
    return ok(`nest ${name}`, `Port ${portPath}, ${unit ? "a unit waits" : "empty"}${use}.`);
  });
  const strays = units
    .filter(({ portPath }) => !ports.has(portPath))
    .map(({ portPath }) =>
      warn("nests", `Port ${portPath} has a unit and belongs to no nest. Teach it if it is one.`),
    );
  return [...nests, ...strays];
}
