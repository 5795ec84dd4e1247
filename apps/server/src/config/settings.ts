import { z } from "zod";
import { GroupRoles } from "./provider.ts";
import { S3_ADDRESS } from "./s3.ts";

const url = (...schemes: readonly string[]) =>
  z.string().refine((text) => schemes.some((scheme) => text.startsWith(`${scheme}://`)), {
    error: `expected an address that starts with ${schemes.map((s) => `${s}://`).join(" or ")}`,
  });
/** One that a program reads, not only hands on. */
const webAddress = z.string().refine((text) => /^https?:/.test(text) && URL.canParse(text), {
  error: "expected an address that starts with http:// or https://",
});
const port = z.coerce.number().int().min(0).max(65_535);
const flag = z
  .enum(["true", "false", "1", "0"])
  .transform((text) => text === "true" || text === "1");

/** Every setting, by the name of its environment variable. What is said of each stands in docs/operations.md as well. */
export const Settings = z.object({
  FLASHLINE_HOST: z.string().min(1).default("127.0.0.1").describe("the address that it listens on"),
  FLASHLINE_PORT: port.default(8370).describe("the port that it listens on; 0 takes any free one"),
  FLASHLINE_DATA: z
    .string()
    .min(1)
    .default("./data")
    .describe("images, secrets, the embedded database; a folder of a station's agent is refused"),
  FLASHLINE_BLOBS: z
    .string()
    .regex(S3_ADDRESS, "expected an address like s3://bucket/prefix")
    .optional()
    .describe(
      "`s3://bucket/prefix`: images are kept [in S3](#images-in-s3) instead of `FLASHLINE_DATA/images`",
    ),
  AWS_ACCESS_KEY_ID: z.string().min(1).optional().describe("the key to that bucket"),
  AWS_SECRET_ACCESS_KEY: z.string().min(1).optional().describe("its secret"),
  AWS_REGION: z
    .string()
    .regex(/^[a-z0-9-]+$/, "expected a region such as eu-central-1")
    .default("us-east-1")
    .describe("the bucket's region"),
  AWS_ENDPOINT_URL_S3: webAddress
    .optional()
    .describe("the address of an S3 that is not Amazon's, such as MinIO's `http://minio:9000`"),
  FLASHLINE_S3_PATH_STYLE: flag
    .optional()
    .describe(
      "true: the bucket stands in the path, not in the host's name; so it is with an address of `AWS_ENDPOINT_URL_S3`, unless it is false",
    ),
  FLASHLINE_TLS_CERT: z
    .string()
    .min(1)
    .optional()
    .describe(
      "a certificate in PEM, with those between it and the authority: the server speaks https",
    ),
  FLASHLINE_TLS_KEY: z.string().min(1).optional().describe("the certificate's private key in PEM"),
  FLASHLINE_SERVER: url("http", "https")
    .optional()
    .describe("the address that browsers and agents use, when a proxy stands in between"),
  FLASHLINE_LOG_LEVEL: z
    .enum(["trace", "debug", "info", "warn", "error", "silent"])
    .default("info")
    .describe("trace, debug, info, warn, error or silent"),
  FLASHLINE_POSTGRES_PORT: port
    .default(0)
    .describe("port of the embedded PostgreSQL on 127.0.0.1; 0 takes any free one"),
  FLASHLINE_SECURE_COOKIES: flag
    .default(false)
    .describe(
      "true behind a proxy with https: the session cookie is sent over https only; so it is with a certificate of the server's own",
    ),
  FLASHLINE_TRUST_PROXY: z
    .string()
    .min(1)
    .optional()
    .describe("addresses of proxies whose X-Forwarded-* headers count, comma separated"),
  FLASHLINE_SECRET_KEY: z
    .string()
    .regex(/^[0-9a-f]{64}$/i, "expected 64 hexadecimal digits")
    .optional()
    .describe(
      "64 hexadecimal digits: seals [units' secrets](images.md#in-a-release) in the database, and makes the keys of [badges](people.md#badges). Without it the server makes a key in `FLASHLINE_DATA/secrets`",
    ),
  FLASHLINE_OIDC_ISSUER: url("http", "https")
    .optional()
    .describe(
      "people log in by this [identity provider](people.md#by-an-identity-provider) too; http on this machine only",
    ),
  FLASHLINE_OIDC_CLIENT_ID: z
    .string()
    .min(1)
    .optional()
    .describe("by what the provider knows this server"),
  FLASHLINE_OIDC_CLIENT_SECRET: z
    .string()
    .min(1)
    .optional()
    .describe("the secret that belongs to it; none for a public client"),
  FLASHLINE_OIDC_ROLES: GroupRoles.optional().describe(
    "`GROUP=ROLE`, comma separated: what members of the provider's groups may do; of several groups the first one here counts",
  ),
  FLASHLINE_OIDC_GROUPS_CLAIM: z
    .string()
    .min(1)
    .default("groups")
    .describe("the claim with a person's groups"),
  FLASHLINE_OIDC_NAME_CLAIM: z
    .string()
    .min(1)
    .default("preferred_username")
    .describe("the claim with a person's name"),
  FLASHLINE_OIDC_SCOPE: z
    .string()
    .regex(/(^| )openid( |$)/, "expected scopes with openid among them")
    .default("openid profile")
    .describe("the scopes that the provider is asked for"),
  FLASHLINE_OIDC_LOG_OUT: z
    .enum(["here", "provider"])
    .default("here")
    .describe(
      "`provider`: who logs out here [logs out at the provider too](people.md#logging-out-at-the-provider-too)",
    ),
  FLASHLINE_TRANSCRIPT_DAYS: z.coerce
    .number()
    .int()
    .min(1)
    .max(3650)
    .default(90)
    .describe("how many days transcripts of failed attempts are kept"),
  FLASHLINE_TRANSCRIPT_MB: z.coerce
    .number()
    .int()
    .min(1)
    .max(1_000_000)
    .default(1024)
    .describe("how many MiB of them, compressed; the oldest go first"),
  FLASHLINE_SEND: flag
    .default(true)
    .describe(
      "false sends neither [webhooks](webhooks.md) nor [mails](alarms.md#e-mail): for a copy of a plant's server, on trial",
    ),
  FLASHLINE_WEBHOOK_LOOPBACK: flag
    .default(false)
    .describe("true lets [webhooks](webhooks.md) call this machine itself (127.0.0.1, ::1)"),
  FLASHLINE_SMTP_URL: url("smtp", "smtps")
    .optional()
    .describe(
      "the server that [sends alarms by e-mail](alarms.md#e-mail), `smtp://user:password@host:587` or `smtps://…`",
    ),
  FLASHLINE_MAIL_FROM: z
    .email()
    .max(200)
    .optional()
    .describe("the address that alarms come from; needed with `FLASHLINE_SMTP_URL`"),
  DATABASE_URL: url("postgres", "postgresql")
    .optional()
    .describe("a PostgreSQL (13 or newer) instead of the embedded one"),
  FLASHLINE_PREPARED_STATEMENTS: flag
    .default(true)
    .describe(
      'false behind a pooler that gives each transaction another connection (pgbouncer in its mode "transaction")',
    ),
  REDIS_URL: url("redis", "rediss")
    .optional()
    .describe(
      "a Redis (6.2 or newer, `maxmemory-policy noeviction`) for the queues instead of PostgreSQL",
    ),
  FLASHLINE_REDIS_PREFIX: z
    .string()
    .regex(/^[\w.:-]{1,60}$/, "expected letters, digits and any of . : - _")
    .default("flashline")
    .describe("begins every key and channel in Redis, so that others may use the same one"),
  OTEL_EXPORTER_OTLP_ENDPOINT: webAddress
    .optional()
    .describe(
      "an OpenTelemetry collector, `http://collector:4318`: [traces](#traces) go to its `/v1/traces`",
    ),
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: webAddress
    .optional()
    .describe("the same with its path, for traces alone"),
  OTEL_EXPORTER_OTLP_PROTOCOL: z
    .enum(["http/protobuf"])
    .default("http/protobuf")
    .describe("no other is spoken"),
  OTEL_SERVICE_NAME: z
    .string()
    .min(1)
    .max(100)
    .default("flashline-server")
    .describe("the name that traces have this server under"),
  OTEL_TRACES_EXPORTER: z.enum(["otlp", "none"]).default("otlp").describe("none: no traces"),
  OTEL_SDK_DISABLED: flag.default(false).describe("true: no traces"),
});
export type Settings = z.output<typeof Settings>;

/** The settings as a table in Markdown, for docs/operations.md. */
export function settingsTable(): string {
  const rows = Object.entries(Settings.shape).map(([name, schema]) => {
    const usual: unknown = schema.parse(undefined);
    return [`\`${name}\``, usual === undefined ? "none" : String(usual), schema.description ?? ""];
  });
  const table = [["name", "default", "meaning"], ...rows];
  const widths = [0, 1, 2].map((column) =>
    Math.max(...table.map((row) => row[column]?.length ?? 0)),
  );
  const line = (cells: readonly string[], fill = " ") =>
    `| ${widths.map((width, column) => (cells[column] ?? "").padEnd(width, fill)).join(" | ")} |`;
  const [head = [], ...body] = table;
  return [line(head), line([], "-"), ...body.map((row) => line(row))].join("\n");
}
