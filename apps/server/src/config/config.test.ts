import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { FlashlineError } from "@flashline/contract";
import { expect, test } from "vitest";
import { describeConfig, readConfig } from "./config.ts";
import { settingsTable } from "./settings.ts";

const problemsOf = (environment: Record<string, string>): unknown => {
  try {
    readConfig(environment);
  } catch (error) {
    if (error instanceof FlashlineError) return error.details;
  }
  return "no problem";
};
const fileWith = (text: string): string => {
  const file = path.join(mkdtempSync(path.join(tmpdir(), "flashline-config-")), "server.json");
  writeFileSync(file, text);
  return file;
};

test("has a default for everything", () => {
  expect(readConfig({})).toMatchObject({ host: "127.0.0.1", port: 8370, databaseUrl: undefined });
});

test("tells all problems at once, of environment and file", () => {
  const problems = problemsOf({
    FLASHLINE_CONFIG: fileWith('{"FLASHLINE_PROT": 1}'),
    FLASHLINE_PORT: "eighty",
    DATABASE_URL: "mysql://db",
    FLASHLINE_LOG_LEVEL: "loud",
  });
  expect(problems).toHaveLength(4);
  const text = String(problems);
  for (const name of ["FLASHLINE_PROT", "FLASHLINE_PORT", "DATABASE_URL", "FLASHLINE_LOG_LEVEL"]) {
    expect(text).toContain(`${name}: `);
  }
});

test("names a file that is missing or no JSON", () => {
  expect(String(problemsOf({ FLASHLINE_CONFIG: "/nowhere/server.json" }))).toContain(
    "/nowhere/server.json",
  );
  expect(String(problemsOf({ FLASHLINE_CONFIG: fileWith("port: 1") }))).toContain(
    "FLASHLINE_CONFIG",
  );
});

test("lets the environment win over the file, and an empty variable count as absent", () => {
  const file = fileWith('{"FLASHLINE_PORT": 9000, "FLASHLINE_HOST": "0.0.0.0"}');
  const config = readConfig({ FLASHLINE_CONFIG: file, FLASHLINE_PORT: "9001", FLASHLINE_HOST: "" });
  expect(config).toMatchObject({ port: 9001, host: "0.0.0.0" });
  expect(readConfig({ FLASHLINE_CONFIG: "" })).toMatchObject({ port: 8370 });
});

test("takes certificate and key together, and then sends cookies over https only", () => {
  expect(problemsOf({ FLASHLINE_TLS_CERT: "a.pem" })).toEqual([
    "FLASHLINE_TLS_CERT: it and FLASHLINE_TLS_KEY come together",
  ]);
  const config = readConfig({ FLASHLINE_TLS_CERT: "a.pem", FLASHLINE_TLS_KEY: "a.key" });
  expect(config).toMatchObject({
    tls: { certFile: path.resolve("a.pem"), keyFile: path.resolve("a.key") },
    secureCookies: true,
  });
});

test("takes a bucket with the key to it", () => {
  expect(problemsOf({ FLASHLINE_BLOBS: "s3://images", AWS_ENDPOINT_URL_S3: "minio" })).toEqual([
    "AWS_ENDPOINT_URL_S3: expected an address that starts with http:// or https://",
  ]);
  expect(problemsOf({ FLASHLINE_BLOBS: "s3://images", AWS_ACCESS_KEY_ID: "k" })).toEqual([
    "AWS_SECRET_ACCESS_KEY: is needed with FLASHLINE_BLOBS",
  ]);
  expect(problemsOf({ FLASHLINE_BLOBS: "/srv/images" })).toEqual([
    "FLASHLINE_BLOBS: expected an address like s3://bucket/prefix",
  ]);
  const keys = { AWS_ACCESS_KEY_ID: "k", AWS_SECRET_ACCESS_KEY: "s" };
  const styleOf = (more: Record<string, string>) => readConfig({ ...keys, ...more }).s3.pathStyle;
  expect(styleOf({})).toBe(false);
  expect(styleOf({ AWS_ENDPOINT_URL_S3: "http://minio:9000" })).toBe(true);
  expect(
    styleOf({ AWS_ENDPOINT_URL_S3: "https://s3.plant", FLASHLINE_S3_PATH_STYLE: "false" }),
  ).toBe(false);
});

const OIDC = {
  FLASHLINE_SERVER: "https://flashline.example",
  FLASHLINE_OIDC_ISSUER: "https://login.example/realm",
  FLASHLINE_OIDC_CLIENT_ID: "flashline",
  FLASHLINE_OIDC_ROLES: "it = admin, line-leads=operator-lead",
};

test("reads the identity provider, and refuses what would let in nobody or anybody", () => {
  const config = readConfig({ ...OIDC, FLASHLINE_OIDC_CLIENT_SECRET: "s3cret" });
  expect(config.provider?.roles).toEqual([
    { group: "it", role: "admin" },
    { group: "line-leads", role: "operator-lead" },
  ]);
  expect(JSON.stringify(describeConfig(config))).not.toContain("s3cret");
  for (const [name, value, problem] of [
    ["FLASHLINE_OIDC_ISSUER", "http://login.example", "only https"],
    ["FLASHLINE_OIDC_ISSUER", "", "without it"],
    ["FLASHLINE_OIDC_CLIENT_ID", "", "CLIENT_ID: missing"],
    ["FLASHLINE_OIDC_ROLES", "", "ROLES: missing"],
    ["FLASHLINE_OIDC_ROLES", "it=king", "expected GROUP=ROLE"],
    ["FLASHLINE_OIDC_ROLES", "it=operator", "expected GROUP=ROLE"],
    ["FLASHLINE_OIDC_SCOPE", "profile", "openid"],
    ["FLASHLINE_SERVER", "", "FLASHLINE_SERVER: "],
  ] as const) {
    expect(String(problemsOf({ ...OIDC, [name]: value }))).toContain(problem);
  }
  const local = { ...OIDC, FLASHLINE_OIDC_ISSUER: "http://127.0.0.1:9000" };
  expect(readConfig(local).provider?.issuer.port).toBe("9000");
});

test("prints no password", () => {
  const config = readConfig({
    AWS_ACCESS_KEY_ID: "AKIA1",
    AWS_SECRET_ACCESS_KEY: "s3cret",
    AWS_ENDPOINT_URL_S3: "http://minio:s3cret@minio:9000",
    DATABASE_URL: "postgresql://flashline:s3cret@db/flashline",
    REDIS_URL: "redis://:s3cret@redis:6379",
  });
  expect(JSON.stringify(describeConfig(config))).not.toContain("s3cret");
});

test("docs/operations.md has every setting, with its default and what is said of it", () => {
  const text = readFileSync(new URL("../../../../docs/operations.md", import.meta.url), "utf8");
  const [, rest = ""] = text.split(
    "<!-- settings: printed by `flashline-server config --table` -->",
  );
  const [table = ""] = rest.split("<!-- end of settings -->");
  expect(table.trim()).toBe(settingsTable());
});
