import type { AddressSpan } from "@flashline/dfu-core";
import type { Command } from "commander";
import { addressSpan } from "../arguments.ts";

/** Which part of a file is meant. */
export interface PartsOptions {
  readonly only?: readonly AddressSpan[];
  readonly skip?: readonly AddressSpan[];
}

export const withPartsOptions = (command: Command): Command =>
  command
    .option(
      "--only <from-to>",
      "use only what the file has in this range of addresses, both ends included; may be repeated",
      addressSpan,
    )
    .option(
      "--skip <from-to>",
      "leave out what the file has in this range of addresses, both ends included; may be repeated",
      addressSpan,
    );
