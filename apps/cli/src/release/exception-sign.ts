import { createHash, randomUUID } from "node:crypto";
import { readFile } from "node:fs/promises";
import {
  type Exception,
  FlashlineError,
  LIFTABLE,
  type Liftable,
  LONGEST_EXCEPTION_DAYS,
  MOST_EXCEPTED_UNITS,
  normaliseSerial,
  readException,
} from "@flashline/contract";
import { parseSecretKey, signMinisig } from "@flashline/signing";
import { Command, Option } from "commander";
import { collect, wholeNumber } from "../arguments.ts";
import type { Console } from "../console.ts";
import { defined } from "../defined.ts";
import { examples } from "../examples.ts";
import { keepApart, refuseStandardOutput, writeOutput } from "../output.ts";
import { Refusal } from "../refusal.ts";
import { readManifest } from "./sign.ts";

interface Options {
  readonly key: string;
  readonly lift: readonly Liftable[];
  readonly serial: readonly string[];
  readonly units?: number;
  readonly plant?: string;
  readonly station: readonly string[];
  readonly from?: string;
  readonly until?: string;
  readonly days: number;
  readonly reason: string;
  readonly out: string;
  readonly json?: true;
}

const DAY_MS = 86_400_000;

const lifted = (value: string, before: readonly Liftable[] = []): readonly Liftable[] => {
  const code = LIFTABLE.find((one) => one === value);
  if (code === undefined)
    throw new Refusal("usage.argument", `--lift takes ${LIFTABLE.join(", ")}; not ${value}.`);
  return [...new Set([...before, code])];
};

export function signCommand(console: Console): Command {
  return new Command("sign")
    .argument("<manifest>", "the manifest of the release that it is for, as it was signed")
    .description("write an exception for a release and sign it")
    .requiredOption("--key <file>", "secret key without a password, of a key that releases have")
    .addOption(
      new Option("--lift <code>", "which refusal does not hold; may be repeated")
        .argParser(lifted)
        .makeOptionMandatory(),
    )
    .option("--serial <serial>", "a unit that it is for; may be repeated", collect, [])
    .option(
      "--units <number>",
      "instead of serials: for so many units of the product",
      wholeNumber(1, MOST_EXCEPTED_UNITS),
    )
    .option("--plant <name>", "only in this plant")
    .option("--station <name>", "only at this station; may be repeated", collect, [])
    .option("--from <time>", "it holds from then on (default: now)")
    .option("--until <time>", "and not at or after this time, e.g. 2027-01-31T00:00:00Z")
    .option(
      "--days <number>",
      "instead of --until: so many days",
      wholeNumber(1, LONGEST_EXCEPTION_DAYS),
      7,
    )
    .requiredOption("--reason <text>", "why, for everybody to read")
    .option("--out <file>", "where it goes; the signature beside it", "exception.json")
    .option("--json", "one JSON line")
    .addHelpText(
      "after",
      examples(
        'flashline exception sign manifest.json --key release.key --lift release.expired --serial U2C-000042 --reason "repair 4711"',
        'flashline exception sign service.json --key release.key --lift release.not_released --units 5 --days 2 --reason "why they hang"',
      ),
    )
    .action(async (file: string, options: Options) => {
      const { out, reason, plant, lift } = options;
      refuseStandardOutput("--out", out);
      await keepApart([out, `${out}.minisig`], [file, options.key]);
      const secretKey = parseSecretKey(await readFile(options.key, "utf8"));
      const manifest = await readFile(file);
      const { product, version } = readManifest(manifest, file);
      const from = options.from ?? new Date().toISOString();
      const content = {
        type: "flashline-exception",
        schema: 1,
        id: randomUUID(),
        product,
        version,
        manifestSha256: createHash("sha256").update(manifest).digest("hex"),
        lifts: [...lift],
        units: unitsOf(options),
        ...defined({ plant }),
        ...(options.station.length === 0 ? {} : { stations: [...options.station] }),
        reason,
        from,
        until: options.until ?? later(from, options.days),
      } satisfies Exception;
      const bytes = Buffer.from(`${JSON.stringify(content, undefined, 2)}\n`);
      const { id, until } = checked(bytes);
      const trustedComment = `exception ${id} product ${product} version ${version} until ${until}`;
      const signature = signMinisig(bytes, secretKey, { trustedComment });
      await writeOutput(out, bytes);
      await writeOutput(`${out}.minisig`, Buffer.from(signature));
      const { keyId } = secretKey;
      console.terminal.write(
        options.json
          ? `${JSON.stringify({ event: "exception-signed", exception: out, signature: `${out}.minisig`, keyId, id, product, version, until })}\n`
          : `${out} and ${out}.minisig: exception ${id} for ${product} ${version} until ${until}, key ${keyId}\n`,
      );
    });
}

function unitsOf({ serial, units }: Options): Exception["units"] {
  if (serial.length > 0 === (units !== undefined))
    throw new Refusal("usage.argument", "Say which units it is for: --serial, or --units.");
  return units === undefined
    ? { serials: [...new Set(serial.map(normaliseSerial))] }
    : { count: units };
}

function later(from: string, days: number): string {
  const start = Date.parse(from);
  if (Number.isNaN(start)) throw new Refusal("usage.argument", `--from: ${from} is no time.`);
  return new Date(start + days * DAY_MS).toISOString();
}

/** Refused here in the server's words: what it would not take is not signed. */
function checked(bytes: Buffer): Exception {
  try {
    const exception = readException(bytes.toString("utf8"));
    if (Date.parse(exception.until) > Date.now()) return exception;
    throw new Refusal("exception.not_now", `The exception ended at ${exception.until}.`);
  } catch (cause) {
    if (cause instanceof FlashlineError) throw new Refusal(cause.code, cause.message, { cause });
    throw cause;
  }
}
