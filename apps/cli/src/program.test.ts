import { execFileSync } from "node:child_process";
import type { Command } from "commander";
import { expect, test } from "vitest";
import { bashCompletion } from "./completion/bash.ts";
import { outline } from "./completion/outline.ts";
import type { Console } from "./console.ts";
import { createProgram } from "./program.ts";
import { styleOf } from "./terminal/terminal.ts";

/** A program whose output is kept. */
function program() {
  const written: string[] = [];
  const write = (text: string) => void written.push(text);
  const console: Console = {
    terminal: {
      ...{ write, writeError: write, interactive: false, canAsk: false, columns: 80 },
      style: styleOf(false),
    },
    env: {},
    onInterrupt: () => ({
      signal: new AbortController().signal,
      stop: new AbortController().signal,
      release: () => undefined,
    }),
    ask: () => Promise.resolve(""),
  };
  return { command: createProgram(console), written };
}

const leaves = (command: Command, path: readonly string[] = []): [string, Command][] =>
  command.commands.length === 0
    ? [[path.join(" "), command]]
    : command.commands.flatMap((child) => leaves(child, [...path, child.name()]));

test("--help of every command shows an example that begins with that command", async () => {
  const paths = leaves(program().command).map(([path]) => path);
  expect(paths.length).toBeGreaterThan(15);
  for (const path of paths) {
    const { command, written } = program();
    const asked = command.parseAsync([...path.split(" "), "--help"], { from: "user" });
    await expect(asked, path).rejects.toMatchObject({ exitCode: 0 });
    const help = written.join("");
    expect(help, path).toMatch(/\nExamples?:\n/);
    expect(help, path).toMatch(new RegExp(`\\n {2}.*flashline ${path}`));
  }
});

test("bash completes commands, options and their choices, and nothing after a free value", () => {
  const script = bashCompletion(outline(program().command));
  const tries = [
    ["dfu", ""],
    ["dfu", "flash", "--prof"],
    ["dfu", "flash", "--profile", ""],
    ["dfu", "flash", "firmware.bin", "--profile", "fast", "--rem"],
    ["dfu", "flash", "--serial", ""],
    ["dfu", "flash", "--profile", "=", "f"],
    ["dfu", "flash", "--profile", "="],
    ["dfu", "flash", "--profile=f"],
    ["dfu", "flash", "--chip", "STM32F40"],
    ["sim", "--chip", "f40"],
    ["sim", "--fault", "lost-"],
    ["dfu", "options", "--yes-i-mean", "b"],
    ["dfu", "erase", "--yes-i-mean", ""],
    ["dfu", "flash", "pack"],
    ["completion", ""],
    ["dfu", "erase", ""],
  ];
  const lines = tries.map(
    (words) =>
      `COMP_WORDS=(flashline ${words.map((word) => `'${word}'`).join(" ")}); COMP_CWORD=${words.length}; _flashline; echo "\${COMPREPLY[*]}"`,
  );
  const output = execFileSync("bash", ["-c", `${script}\n${lines.join("\n")}`], {
    cwd: new URL("..", import.meta.url),
    encoding: "utf8",
  });
  const [commands = "", ...rest] = output.split("\n");
  expect(commands.split(" ")).toEqual(expect.arrayContaining(["list", "flash", "erase"]));
  expect(rest).toEqual([
    "--profile",
    "fast standard gentle crawl",
    "--remainder",
    "",
    "fast",
    "fast standard gentle crawl",
    "--profile=fast",
    "STM32F407 STM32F405 STM32F401",
    "f407 f405",
    "lost-setup lost-data lost-ack lost-status",
    "boot-lock bank-swap boot-selection",
    "mass-erase",
    "package.json",
    "bash zsh fish",
    "",
    "",
  ]);
});
