import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { FlashlineError } from "@flashline/contract";
import { describe, expect, it } from "vitest";
import { formerNames, readConfig } from "./config.ts";

const problemsOf = (environment: Record<string, string>): string => {
  try {
    readConfig(environment);
  } catch (error) {
    if (error instanceof FlashlineError) return error.message;
  }
  return "no problem";
};
const fileWith = (text: string): string => {
  const file = join(mkdtempSync(join(tmpdir(), "flashline-config-")), "agent.json");
  writeFileSync(file, text);
  return file;
};

describe("configuration", () => {
  it("has defaults for everything", () => {
    expect(readConfig({ XDG_STATE_HOME: "/state" })).toMatchObject({
      dataDir: "/state/flashline-agent",
      host: "127.0.0.1",
      port: 8371,
      server: undefined,
    });
  });

  it("names every problem at once", () => {
    const problems = problemsOf({
      FLASHLINE_HOST: "0.0.0.0",
      FLASHLINE_PORT: "many",
      FLASHLINE_SERVER: "ftp://x",
      FLASHLINE_CACHE_MB: "1",
      FLASHLINE_PRINTER: "http://zebra",
    });
    expect(problems.split("\n")).toHaveLength(5);
    expect(problems).toContain("FLASHLINE_HOST: must be one of 127.0.0.1");
    expect(problems).toContain("FLASHLINE_PORT: must be a port number");
  });

  it("treats an empty variable as not set and drops a trailing slash", () => {
    const config = readConfig({
      FLASHLINE_PORT: "",
      FLASHLINE_SERVER: "http://server:8370/",
      FLASHLINE_PRINTER: "zebra",
    });
    expect(config).toMatchObject({ port: 8371, server: "http://server:8370" });
    expect(config.printer).toEqual({ host: "zebra", port: 9100 });
    expect(readConfig({ FLASHLINE_PRINTER: "" }).printer).toBeUndefined();
  });

  it("takes from a file what the environment does not say", () => {
    const file = fileWith('{"FLASHLINE_DATA": "/srv/agent", "FLASHLINE_PORT": 9000}');
    expect(readConfig({ FLASHLINE_CONFIG: file, FLASHLINE_PORT: "9001" })).toMatchObject({
      dataDir: "/srv/agent",
      port: 9001,
    });
  });

  it("names what is wrong in a file together with what is wrong in the environment", () => {
    const file = fileWith('{"FLASHLINE_PROT": 1, "FLASHLINE_CACHE_MB": 1}');
    const problems = problemsOf({ FLASHLINE_CONFIG: file, FLASHLINE_LOG_LEVEL: "loud" });
    expect(problems.split("\n")).toHaveLength(3);
    expect(problems).toContain(`FLASHLINE_PROT: not a setting (in ${file})`);
    for (const text of ["port: 1", "[]", '"text"']) {
      expect(problemsOf({ FLASHLINE_CONFIG: fileWith(text) })).toContain("FLASHLINE_CONFIG: ");
    }
    expect(problemsOf({ FLASHLINE_CONFIG: "/nowhere.json" })).toContain("/nowhere.json");
  });

  it("says that the former name of the log level counts no more, where it is given", () => {
    expect(formerNames({ FLASHLINE_LOG: "debug" })).toEqual([
      expect.stringContaining("FLASHLINE_LOG_LEVEL"),
    ]);
    expect(formerNames({ FLASHLINE_LOG: "", FLASHLINE_LOG_LEVEL: "debug" })).toEqual([]);
  });
});
