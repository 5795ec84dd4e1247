import { afterEach, expect, it, vi } from "vitest";
import { readCommand } from "./arguments.ts";

afterEach(() => vi.restoreAllMocks());

/** What the words bring up as help. */
function helpOf(...words: readonly string[]): string {
  const write = vi.spyOn(process.stdout, "write").mockReturnValue(true);
  expect(() => readCommand(words)).toThrow(expect.objectContaining({ exitCode: 0 }));
  const text = write.mock.calls.map(([chunk]) => String(chunk)).join("");
  write.mockRestore();
  return text;
}

it.each(["enroll", "run", "resend", "doctor"])("help %s is %s --help", (name) => {
  const help = helpOf("help", name);
  expect(help).toContain(`Usage: flashline-agent ${name} `);
  expect(help).toBe(helpOf(name, "--help"));
});

it("reads what is done with a nest", () => {
  const nest = (...args: string[]) => readCommand(["nest", ...args]);
  expect(nest("add", "left", "3-1.2")).toEqual({
    name: "nest",
    given: { act: "add", nest: "left", portPath: "3-1.2" },
  });
  expect(nest("add", "left", "--usbip", "pc:3240")).toEqual({
    name: "nest",
    given: { act: "add", nest: "left", usbip: "pc:3240" },
  });
  expect(nest("rename", "1", "2")).toEqual({
    name: "nest",
    given: { act: "rename", nest: "1", to: "2" },
  });
  expect(() => nest("remove")).toThrow();
  expect(() => nest("add", "1", "3-1", "3-2")).toThrow();
});
