import { PROFILE_NAMES, type ProfileName } from "@flashline/dfu-core";
import { type Command, Option } from "commander";
import { positive, type UsbIds, type UsbIpAddress, usbIds, usbIpAddress } from "../arguments.ts";
import { chipName } from "../chip-name.ts";

/** Which unit, and how to treat it: the same for every `dfu` command that touches one. */
export interface UnitOptions extends SourceOptions {
  readonly path?: string;
  readonly serial?: string;
  readonly chip?: string;
  readonly profile?: ProfileName;
  readonly pcapng?: string;
}

export interface SourceOptions {
  readonly device?: UsbIds;
  readonly usbip?: UsbIpAddress;
  /** Seconds; not at all when not given. */
  readonly wait?: number;
  readonly json?: true;
}

export function withSourceOptions(command: Command): Command {
  return command
    .option(
      "--usbip <host:port[/busid]>",
      "virtual units of a USB/IP server instead of this PC's ports",
      usbIpAddress,
    )
    .option("--device <vid:pid>", "a product's own bootloader instead of ST's ROM", usbIds)
    .option("--wait <seconds>", "how long to wait for a unit that is not there yet", positive)
    .option("--json", "one event a line");
}

export function withUnitOptions(command: Command): Command {
  return withSourceOptions(
    command
      .option("--path <path>", 'the unit on this port path, "3-1.2"')
      .option("--serial <serial>", "the unit with this USB serial number (not always unique)"),
  )
    .option(
      "--chip <name>",
      "refuse a unit that shows another chip class, e.g. STM32F407",
      chipName,
    )
    .addOption(
      new Option("--profile <name>", "pacing profile to start with")
        .choices(PROFILE_NAMES)
        .default("standard"),
    )
    .option(
      "--pcapng <file>",
      "write every control transfer there, with all content, for Wireshark",
    );
}

export const ADDRESS_OPTION = [
  "--address <address>",
  "where a raw image begins (default: 0x08000000)",
] as const;

export const ALT_OPTION = [
  "--alt <number>",
  "the memory that is meant, where the unit has several at the same addresses (default: by address)",
] as const;
