import { readFileSync } from "node:fs";
import path from "node:path";
import { FlashlineError } from "@flashline/contract";
import { z } from "zod";

const url = (...schemes: readonly string[]) =>
  z.string().refine((text) => schemes.some((scheme) => text.startsWith(`${scheme}://`)), {
    error: `expected an address that starts with ${schemes.map((s) => `${s}://`).join(" or ")}`,
  });
const port = z.coerce.number().int().min(0).max(65_535);
const flag = z
  .enum(["true", "false", "1", "0"])
  .transform((text) => text === "true" || text === "1");

/** Every setting, by the name of its environment variable. */
const Settings = z.object({
  /** Address to listen on. */
  FLASHLINE_HOST: z.string().min(1).default("127.0.0.1"),
  /** 0: any free port. */
  FLASHLINE_PORT: port.default(8370),
  /** Folder for images and the embedded database. */
  FLASHLINE_DATA: z.string().min(1).default("./data"),
  /** Address under which browsers and agents reach the server, when a proxy stands in between. */
  FLASHLINE_SERVER: url("http", "https").optional(),
  FLASHLINE_LOG_LEVEL: z
    .enum(["trace", "debug", "info", "warn", "error", "silent"])
    .default("info"),
  /** Port of the embedded PostgreSQL on 127.0.0.1; 0: any free one. */
  FLASHLINE_POSTGRES_PORT: port.default(0),
  /** The session cookie is sent over https only. */
  FLASHLINE_SECURE_COOKIES: flag.default(false),
  /** Addresses of proxies whose X-Forwarded-For counts, comma separated. */
  FLASHLINE_TRUST_PROXY: z.string().min(1).optional(),
  /** Seals units' secrets in the database: 32 bytes in hexadecimal. Without it the server makes a key in its data folder. */
  FLASHLINE_SECRET_KEY: z
    .string()
    .regex(/^[0-9a-f]{64}$/i, "expected 64 hexadecimal digits")
    .optional(),
  /** How long transcripts of failed attempts are kept, and how much of them. */
  FLASHLINE_TRANSCRIPT_DAYS: z.coerce.number().int().min(1).max(3650).default(90),
  FLASHLINE_TRANSCRIPT_MB: z.coerce.number().int().min(1).max(1_000_000).default(1024),
  /** PostgreSQL 13 or newer; without it the server starts its own. */
  DATABASE_URL: url("postgres", "postgresql").optional(),
  /** Off behind a pooler that gives each transaction another connection, such as pgbouncer in its mode "transaction". */
  FLASHLINE_PREPARED_STATEMENTS: flag.default(true),
  /** Redis 6.2 or newer; without it the queues run on PostgreSQL. */
  REDIS_URL: url("redis", "rediss").optional(),
});

export interface Config {
  readonly host: string;
  readonly port: number;
  readonly dataFolder: string;
  readonly publicUrl: string | undefined;
  readonly logLevel: z.output<typeof Settings>["FLASHLINE_LOG_LEVEL"];
  readonly postgresPort: number;
  readonly secureCookies: boolean;
  readonly trustProxy: string | undefined;
  readonly secretKey: string | undefined;
  readonly transcriptDays: number;
  /** Bytes. */
  readonly transcriptBytes: number;
  readonly databaseUrl: string | undefined;
  readonly preparedStatements: boolean;
  readonly redisUrl: string | undefined;
}

type Environment = Readonly<Record<string, string | undefined>>;

function fromFile(file: string | undefined, problems: string[]): Record<string, unknown> {
  if (file === undefined) return {};
  try {
    const parsed: unknown = JSON.parse(readFileSync(file, "utf8"));
    if (typeof parsed === "object" && parsed !== null && !Array.isArray(parsed)) {
      const values: Record<string, unknown> = Object.fromEntries(Object.entries(parsed));
      for (const name of Object.keys(values)) {
        if (!(name in Settings.shape)) problems.push(`${name}: not a setting (in ${file})`);
      }
      // The same schema reads files and environments, and an environment has text only.
      return Object.fromEntries(
        Object.entries(values).map(([k, v]) => [k, v === null ? undefined : String(v)]),
      );
    }
    problems.push(`FLASHLINE_CONFIG: ${file} is not a JSON object`);
  } catch (error) {
    problems.push(`FLASHLINE_CONFIG: ${error instanceof Error ? error.message : String(error)}`);
  }
  return {};
}

/**
 * Reads the environment and, under it, the JSON file that FLASHLINE_CONFIG names. Throws `config.invalid` with every
 * problem in `details`, one line each. Empty variables count as absent.
 */
export function readConfig(environment: Environment): Config {
  const problems: string[] = [];
  const given: Environment = Object.fromEntries(
    Object.entries(environment).filter(([, value]) => value !== undefined && value !== ""),
  );
  const values = { ...fromFile(given["FLASHLINE_CONFIG"], problems), ...given };
  const parsed = Settings.safeParse(values);
  if (!parsed.success) {
    problems.push(...parsed.error.issues.map((i) => `${i.path.join(".")}: ${i.message}`));
  }
  if (!parsed.success || problems.length > 0) {
    throw new FlashlineError(
      "config.invalid",
      `The configuration has ${problems.length === 1 ? "a problem" : `${problems.length} problems`}.`,
      { details: problems },
    );
  }
  const settings = parsed.data;
  return Object.freeze({
    host: settings.FLASHLINE_HOST,
    port: settings.FLASHLINE_PORT,
    dataFolder: path.resolve(settings.FLASHLINE_DATA),
    publicUrl: settings.FLASHLINE_SERVER,
    logLevel: settings.FLASHLINE_LOG_LEVEL,
    postgresPort: settings.FLASHLINE_POSTGRES_PORT,
    secureCookies: settings.FLASHLINE_SECURE_COOKIES,
    trustProxy: settings.FLASHLINE_TRUST_PROXY,
    secretKey: settings.FLASHLINE_SECRET_KEY,
    transcriptDays: settings.FLASHLINE_TRANSCRIPT_DAYS,
    transcriptBytes: settings.FLASHLINE_TRANSCRIPT_MB * 1024 * 1024,
    databaseUrl: settings.DATABASE_URL,
    preparedStatements: settings.FLASHLINE_PREPARED_STATEMENTS,
    redisUrl: settings.REDIS_URL,
  });
}

/** For the log at start: passwords in addresses are hidden, and so is the key. */
export function describeConfig(config: Config): Record<string, unknown> {
  const hide = (address: string | undefined) => address?.replace(/\/\/[^@/]*@/, "//***@");
  return {
    ...config,
    secretKey: config.secretKey === undefined ? "in the data folder" : "***",
    publicUrl: hide(config.publicUrl),
    databaseUrl: hide(config.databaseUrl) ?? "embedded",
    redisUrl: hide(config.redisUrl) ?? "none: queues run on PostgreSQL",
  };
}
