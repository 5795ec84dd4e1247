import { readFileSync } from "node:fs";
import path from "node:path";
import { FlashlineError } from "@flashline/contract";
import { type ProviderConfig, providerOf } from "./provider.ts";
import type { S3Access } from "./s3.ts";
import { Settings } from "./settings.ts";

/** Where certificate and key are, in PEM. */
export interface TlsFiles {
  /** The server's certificate first, then those between it and the plant's authority. */
  readonly certFile: string;
  readonly keyFile: string;
}

export interface Config {
  readonly host: string;
  readonly port: number;
  /** Undefined: plain http. */
  readonly tls: TlsFiles | undefined;
  readonly dataFolder: string;
  /** Where images are when they are not in the data folder: "s3://bucket/prefix". */
  readonly blobs: string | undefined;
  readonly s3: S3Access;
  readonly publicUrl: string | undefined;
  readonly logLevel: Settings["FLASHLINE_LOG_LEVEL"];
  readonly postgresPort: number;
  readonly secureCookies: boolean;
  readonly trustProxy: string | undefined;
  readonly secretKey: string | undefined;
  /** Undefined: people log in by password only. */
  readonly provider: ProviderConfig | undefined;
  readonly transcriptDays: number;
  /** Bytes. */
  readonly transcriptBytes: number;
  /** Whether webhooks and mails go out by themselves. */
  readonly sends: boolean;
  readonly webhookLoopback: boolean;
  /** Where alarms are mailed from; undefined: nothing is mailed. */
  readonly mail: { readonly url: string; readonly from: string } | undefined;
  readonly databaseUrl: string | undefined;
  readonly preparedStatements: boolean;
  readonly redisUrl: string | undefined;
  readonly redisPrefix: string;
  /** Where traces go, with the path; undefined: there are none. */
  readonly tracing: { readonly url: string; readonly service: string } | undefined;
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
  if (
    parsed.success &&
    (parsed.data.FLASHLINE_TLS_CERT === undefined) !== (parsed.data.FLASHLINE_TLS_KEY === undefined)
  ) {
    problems.push("FLASHLINE_TLS_CERT: it and FLASHLINE_TLS_KEY come together");
  }
  for (const name of ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"] as const) {
    if (parsed.data?.FLASHLINE_BLOBS === undefined || parsed.data[name] !== undefined) continue;
    problems.push(`${name}: is needed with FLASHLINE_BLOBS`);
  }
  const smtp = parsed.data?.FLASHLINE_SMTP_URL;
  const from = parsed.data?.FLASHLINE_MAIL_FROM;
  if (smtp !== undefined && from === undefined) {
    problems.push("FLASHLINE_MAIL_FROM: is needed with FLASHLINE_SMTP_URL");
  }
  const provider = parsed.success ? providerOf(parsed.data, problems) : undefined;
  if (!parsed.success || problems.length > 0) {
    throw new FlashlineError(
      "config.invalid",
      `The configuration has ${problems.length === 1 ? "a problem" : `${problems.length} problems`}.`,
      { details: problems },
    );
  }
  const settings = parsed.data;
  const tls = tlsOf(settings);
  return Object.freeze({
    host: settings.FLASHLINE_HOST,
    port: settings.FLASHLINE_PORT,
    tls,
    dataFolder: path.resolve(settings.FLASHLINE_DATA),
    blobs: settings.FLASHLINE_BLOBS,
    s3: {
      endpoint: settings.AWS_ENDPOINT_URL_S3,
      region: settings.AWS_REGION,
      pathStyle: settings.FLASHLINE_S3_PATH_STYLE ?? settings.AWS_ENDPOINT_URL_S3 !== undefined,
      accessKeyId: settings.AWS_ACCESS_KEY_ID,
      secretAccessKey: settings.AWS_SECRET_ACCESS_KEY,
    },
    publicUrl: settings.FLASHLINE_SERVER,
    logLevel: settings.FLASHLINE_LOG_LEVEL,
    postgresPort: settings.FLASHLINE_POSTGRES_PORT,
    secureCookies: settings.FLASHLINE_SECURE_COOKIES || tls !== undefined,
    trustProxy: settings.FLASHLINE_TRUST_PROXY,
    secretKey: settings.FLASHLINE_SECRET_KEY,
    provider,
    transcriptDays: settings.FLASHLINE_TRANSCRIPT_DAYS,
    transcriptBytes: settings.FLASHLINE_TRANSCRIPT_MB * 1024 * 1024,
    sends: settings.FLASHLINE_SEND,
    webhookLoopback: settings.FLASHLINE_WEBHOOK_LOOPBACK,
    mail: smtp === undefined || from === undefined ? undefined : { url: smtp, from },
    databaseUrl: settings.DATABASE_URL,
    preparedStatements: settings.FLASHLINE_PREPARED_STATEMENTS,
    redisUrl: settings.REDIS_URL,
    redisPrefix: settings.FLASHLINE_REDIS_PREFIX,
    tracing: tracingOf(settings),
  });
}

function tlsOf({ FLASHLINE_TLS_CERT, FLASHLINE_TLS_KEY }: Settings): TlsFiles | undefined {
  if (FLASHLINE_TLS_CERT === undefined || FLASHLINE_TLS_KEY === undefined) return undefined;
  return { certFile: path.resolve(FLASHLINE_TLS_CERT), keyFile: path.resolve(FLASHLINE_TLS_KEY) };
}

/** By OpenTelemetry's own variables: what is common has a path put behind it, what is of traces alone has none. */
function tracingOf(settings: Settings): Config["tracing"] {
  const common = settings.OTEL_EXPORTER_OTLP_ENDPOINT;
  const url =
    settings.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT ??
    (common === undefined ? undefined : `${common.replace(/\/$/, "")}/v1/traces`);
  const off = settings.OTEL_SDK_DISABLED || settings.OTEL_TRACES_EXPORTER === "none";
  return off || url === undefined ? undefined : { url, service: settings.OTEL_SERVICE_NAME };
}

const withoutSecret = ({ clientSecret, ...provider }: ProviderConfig) => ({
  ...provider,
  clientSecret: clientSecret === undefined ? "none" : "***",
});

/** For the log at start: passwords in addresses are hidden, and so is the key. */
export function describeConfig(config: Config): Record<string, unknown> {
  const hide = (address: string | undefined) => address?.replace(/\/\/[^@/]*@/, "//***@");
  return {
    ...config,
    secretKey: config.secretKey === undefined ? "in the data folder" : "***",
    blobs: config.blobs ?? "in the data folder",
    s3: {
      ...config.s3,
      endpoint: hide(config.s3.endpoint),
      secretAccessKey: config.s3.secretAccessKey === undefined ? undefined : "***",
    },
    provider: config.provider === undefined ? "none" : withoutSecret(config.provider),
    publicUrl: hide(config.publicUrl),
    mail: config.mail === undefined ? "none" : { ...config.mail, url: hide(config.mail.url) },
    tracing:
      config.tracing === undefined ? "none" : { ...config.tracing, url: hide(config.tracing.url) },
    databaseUrl: hide(config.databaseUrl) ?? "embedded",
    redisUrl: hide(config.redisUrl) ?? "none: queues run on PostgreSQL",
  };
}
