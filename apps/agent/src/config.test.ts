import { FlashlineError } from "@flashline/contract";
import { describe, expect, it } from "vitest";
import { formerNames, readConfig } from "./config.ts";

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
    const problems = (() => {
      try {
        readConfig({
          FLASHLINE_HOST: "0.0.0.0",
          FLASHLINE_PORT: "many",
          FLASHLINE_SERVER: "ftp://x",
          FLASHLINE_CACHE_MB: "1",
          FLASHLINE_PRINTER: "http://zebra",
        });
        return "none";
      } catch (error) {
        return error instanceof FlashlineError ? error.message : "other";
      }
    })();
    expect(problems.split("\n")).toHaveLength(5);
    expect(problems).toContain("FLASHLINE_HOST: must be one of 127.0.0.1");
    expect(problems).toContain("FLASHLINE_PORT: must be a port number");
  });

  it("treats an empty variable as not set and drops a trailing slash", () => {
    const config = readConfig({
      ...{ FLASHLINE_PORT: "", FLASHLINE_SERVER: "http://server:8370/" },
      FLASHLINE_PRINTER: "zebra",
    });
    expect(config).toMatchObject({ port: 8371, server: "http://server:8370" });
    expect(config.printer).toEqual({ host: "zebra", port: 9100 });
    expect(readConfig({ FLASHLINE_PRINTER: "" }).printer).toBeUndefined();
  });

  it("says that the former name of the log level counts no more, where it is given", () => {
    expect(formerNames({ FLASHLINE_LOG: "debug" })).toEqual([
      expect.stringContaining("FLASHLINE_LOG_LEVEL"),
    ]);
    expect(formerNames({ FLASHLINE_LOG: "", FLASHLINE_LOG_LEVEL: "debug" })).toEqual([]);
  });
});
