import { WINDOWS } from "@flashline/contract";
import { type Command, Option } from "commander";

/** Which attempts are meant, as the server's lists and yields take it. */
export interface Selection {
  readonly from?: string;
  readonly to?: string;
  readonly window?: (typeof WINDOWS)[number];
  readonly day?: string;
  readonly shift?: string;
  readonly plant?: string;
  readonly line?: string;
  readonly station?: string;
  readonly nest?: string;
  readonly host?: string;
  readonly model?: string;
  readonly product?: string;
  readonly step?: string;
  readonly release?: string;
  readonly image?: string;
  readonly order?: string;
  readonly batch?: string;
  readonly outcome?: "PASS" | "FAIL";
  readonly code?: string;
  readonly blame?: "host" | "unit" | "image" | "operator" | "system";
  readonly virtual?: "true" | "false";
  readonly operator?: string;
}

/** The options that say which attempts are meant. */
export function withSelectionOptions(command: Command): Command {
  return command
    .option("--from <time>", "begun at this time or later: 2026-11-28T06:00:00+01:00")
    .option("--to <time>", "begun before this time")
    .addOption(new Option("--window <name>", "instead, by the plant's clock").choices(WINDOWS))
    .option("--day <date>", "instead, a day of the plant's calendar: 2026-11-24")
    .option("--shift <name>", "… the shift that began on it")
    .option("--host <name>", "at this host")
    .option("--model <id>", "at hosts with this controller: 8086:a36d")
    .option("--station <name>", "at this station")
    .option("--nest <name>", "… in this nest of it")
    .option("--line <name>", "at the stations of this line")
    .option("--plant <name>", "at the stations of this plant, and by its clock")
    .option("--product <name>", "units of this product")
    .option("--step <name>", "at this step of the route")
    .option("--release <version>", "with this release")
    .option("--image <sha256>", "with any release that has this image")
    .option("--order <number>", "for this work order")
    .option("--batch <name>", "units of this batch")
    .addOption(new Option("--outcome <outcome>", "that ended so").choices(["PASS", "FAIL"]))
    .option("--code <code>", "that failed with this code")
    .addOption(
      new Option("--blame <who>", "that failed by this fault").choices([
        ...["host", "unit", "image", "operator", "system"],
      ]),
    )
    .addOption(
      new Option("--virtual <yes>", "virtual units or real ones").choices(["true", "false"]),
    )
    .option("--operator <name>", "that this person started");
}
