import { readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { FlashlineError, WAYS, type Way } from "@flashline/contract";
import { z } from "zod";
import { type PrinterAddress, readPrinterAddress } from "./labels/address.ts";

const LOOPBACK = ["127.0.0.1", "::1", "localhost"] as const;

/** What the environment says. The station page never listens on anything but loopback. */
const Environment = z.object({
  FLASHLINE_DATA: z.string().min(1).optional(),
  FLASHLINE_SERVER: z
    .url({ protocol: /^https?$/, error: "must be an http or https address" })
    .optional(),
  FLASHLINE_HOST: z
    .enum(LOOPBACK, { error: `must be one of ${LOOPBACK.join(", ")}` })
    .default("127.0.0.1"),
  FLASHLINE_PORT: z.coerce
    .number({ error: "must be a port number" })
    .int("must be a whole number")
    .min(0)
    .max(65_535)
    .default(8371),
  FLASHLINE_LOG_LEVEL: z
    .enum(["trace", "debug", "info", "warn", "error", "silent"], {
      error: "must be trace, debug, info, warn, error or silent",
    })
    .default("info"),
  FLASHLINE_CACHE_MB: z.coerce
    .number({ error: "must be a number of megabytes" })
    .int("must be a whole number")
    .min(16)
    .max(100_000)
    .default(512),
  FLASHLINE_WAY: z.enum(WAYS, { error: `must be one of ${WAYS.join(", ")}` }).default("single"),
  FLASHLINE_SCAN_KEPT_S: z.coerce
    .number({ error: "must be a number of seconds" })
    .int("must be a whole number")
    .min(5)
    .max(120)
    .default(30),
  FLASHLINE_PRINTER: z
    .string()
    .refine((text) => readPrinterAddress(text) !== undefined, {
      error: "must be HOST or HOST:PORT of a label printer",
    })
    .optional(),
  FLASHLINE_UPDATE_KEYS: z.string().min(1).optional(),
  FLASHLINE_SNAPSHOT_DAYS: z.coerce
    .number({ error: "must be a number of days" })
    .int("must be a whole number")
    .min(1)
    .max(3650)
    .default(90),
});

export interface Config {
  /** Absolute. Holds the credential, the pinned keys, the journal and the image cache. */
  readonly dataDir: string;
  /** Overrides the server that the agent was enrolled with; without a trailing slash. */
  readonly server: string | undefined;
  readonly host: string;
  readonly port: number;
  readonly logLevel: z.infer<typeof Environment>["FLASHLINE_LOG_LEVEL"];
  /** Upper bound of the image cache, bytes. */
  readonly cacheBytes: number;
  /** In which order unit, scan and START come here. */
  readonly way: Way;
  /** How long a scan waits for its unit, milliseconds. */
  readonly scanKeptMs: number;
  /** How long what a unit held is kept for a unit that did not pass here, milliseconds. */
  readonly snapshotMs: number;
  /** Absolute: the folder of the keys whose updates are taken; undefined: none is. */
  readonly updateKeys: string | undefined;
  /** The label printer that takes ZPL; undefined: there is none. */
  readonly printer: PrinterAddress | undefined;
}

/** A file has the names of the environment; its values become text, as they are there. */
const SettingsFile = z.record(z.string(), z.coerce.string(), "must be a JSON object of settings");

/**
 * Reads the configuration from `FLASHLINE_*` and, below it, from the JSON file that `FLASHLINE_CONFIG` names.
 * @throws FlashlineError `config.invalid` that names every problem, one a line.
 */
export function readConfig(environment: Readonly<Record<string, string | undefined>>): Config {
  const given = Object.fromEntries(
    Object.entries(environment).filter(
      ([name, value]) => name.startsWith("FLASHLINE_") && value !== "",
    ),
  );
  const problems: string[] = [];
  const parsed = Environment.safeParse({
    ...fromFile(given["FLASHLINE_CONFIG"], problems),
    ...given,
  });
  problems.push(
    ...(parsed.error?.issues ?? []).map((issue) => `${issue.path.join(".")}: ${issue.message}`),
  );
  if (!parsed.success || problems.length > 0) {
    throw new FlashlineError("config.invalid", problems.join("\n"), { details: problems });
  }
  const values = parsed.data;
  return Object.freeze({
    dataDir: resolve(values.FLASHLINE_DATA ?? defaultDataDir(environment)),
    server: values.FLASHLINE_SERVER?.replace(/\/+$/, ""),
    host: values.FLASHLINE_HOST === "localhost" ? "127.0.0.1" : values.FLASHLINE_HOST,
    port: values.FLASHLINE_PORT,
    logLevel: values.FLASHLINE_LOG_LEVEL,
    cacheBytes: values.FLASHLINE_CACHE_MB * 1024 * 1024,
    way: values.FLASHLINE_WAY,
    scanKeptMs: values.FLASHLINE_SCAN_KEPT_S * 1000,
    updateKeys:
      values.FLASHLINE_UPDATE_KEYS === undefined
        ? undefined
        : resolve(values.FLASHLINE_UPDATE_KEYS),
    snapshotMs: values.FLASHLINE_SNAPSHOT_DAYS * 24 * 3_600_000,
    printer:
      values.FLASHLINE_PRINTER === undefined
        ? undefined
        : readPrinterAddress(values.FLASHLINE_PRINTER),
  });
}

function fromFile(file: string | undefined, problems: string[]): Record<string, string> {
  if (file === undefined) return {};
  try {
    const parsed = SettingsFile.safeParse(JSON.parse(readFileSync(file, "utf8")));
    problems.push(
      ...(parsed.error?.issues ?? []).map((issue) => `FLASHLINE_CONFIG: ${file} ${issue.message}`),
      ...Object.keys(parsed.data ?? {})
        .filter((name) => !(name in Environment.shape))
        .map((name) => `${name}: not a setting (in ${file})`),
    );
    return parsed.data ?? {};
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    problems.push(`FLASHLINE_CONFIG: ${file} cannot be read: ${reason}`);
    return {};
  }
}

/** One line about each setting that is given under a name that it had once: without it, nobody would see that it counts no more. */
export function formerNames(
  environment: Readonly<Record<string, string | undefined>>,
): readonly string[] {
  return (environment["FLASHLINE_LOG"] ?? "") === ""
    ? []
    : ["FLASHLINE_LOG is now FLASHLINE_LOG_LEVEL: the old name counts no more."];
}

function defaultDataDir(environment: Readonly<Record<string, string | undefined>>): string {
  const state = environment["XDG_STATE_HOME"] ?? join(homedir(), ".local", "state");
  return join(state, "flashline-agent");
}
