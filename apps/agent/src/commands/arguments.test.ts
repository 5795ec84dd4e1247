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
