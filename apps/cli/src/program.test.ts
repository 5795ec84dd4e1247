import { execFileSync } from "node:child_process";
import type { Command } from "commander";
import { expect, test } from "vitest";
import { bashCompletion } from "./completion/bash.ts";
import { outline } from "./completion/outline.ts";
import type { Console } from "./console.ts";
import type { Words } from "./lazy-commands.ts";
import { createProgram } from "./program.ts";
import { styleOf } from "./terminal/terminal.ts";
import { runCommand } from "./testing.ts";

/** A program whose output is kept. */
async function program(words: Words = "all") {
  const written: string[] = [];
  const write = (text: string) => void written.push(text);
  const console: Console = {
    terminal: {
      write,
      writeError: write,
      interactive: false,
      canAsk: false,
      columns: 80,
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
  return { command: await createProgram(console, words), written };
}

const leaves = (command: Command, path: readonly string[] = []): [string, Command][] =>
  command.commands.length === 0
    ? [[path.join(" "), command]]
    : command.commands.flatMap((child) => leaves(child, [...path, child.name()]));

test("--help of every command shows an example that begins with that command", async () => {
  const paths = leaves((await program()).command).map(([path]) => path);
  expect(paths.length).toBeGreaterThan(15);
  for (const path of paths) {
    const words = [...path.split(" "), "--help"];
    const { command, written } = await program(words);
    const asked = command.parseAsync(words, { from: "user" });
    await expect(asked, path).rejects.toMatchObject({ exitCode: 0 });
    const help = written.join("");
    expect(help, path).toMatch(/\nExamples?:\n/);
    expect(help, path).toMatch(new RegExp(`\\n {2}.*flashline ${path}`));
  }
});

/** What the words bring up as help. */
async function helpOf(words: readonly string[], loaded: Words = words): Promise<string> {
  const { command, written } = await program(loaded);
  const asked = command.parseAsync([...words], { from: "user" });
  await expect(asked, words.join(" ")).rejects.toMatchObject({ exitCode: 0 });
  return written.join("");
}

test("a list of commands says of those that are not loaded what it says of those that are", async () => {
  const groups = (await program()).command.commands.filter(({ commands }) => commands.length > 0);
  expect(groups.length).toBeGreaterThan(3);
  for (const words of [[], ...groups.map((group) => [group.name()])]) {
    const asked = [...words, "--help"];
    expect(await helpOf(asked)).toBe(await helpOf(asked, "all"));
  }
});

test.each([[["dfu", "flash", "--help"]], [["dfu", "help", "flash"]]])(
  "%j shows the command that it is about",
  async (words) => {
    expect(await helpOf(words)).toContain("flashline dfu flash firmware.dfu");
  },
);

test("help of a command by its whole name is what --help shows", async () => {
  const paths = leaves((await program()).command).map(([path]) => path.split(" "));
  expect(paths).toContainEqual(["dfu", "flash"]);
  for (const path of [...paths, ["dfu"], []]) {
    const asked = await runCommand(["help", ...path]);
    expect(asked.out, path.join(" ")).toBe((await runCommand([...path, "--help"])).out);
    expect(asked.out).toContain(`Usage: ${["flashline", ...path].join(" ")} `);
  }
});

test.each([[["nosuch"]], [["dfu", "nosuch"]], [["nosuch", "flash"]]])(
  "help of %j, which there is not, is refused as the command would be",
  async (path) => {
    const asked = await runCommand(["help", ...path]);
    expect(asked).toMatchObject({ exit: 2, out: "" });
    expect(asked.error).toContain("unknown command 'nosuch'");
  },
);

test("a command is loaded alone", async () => {
  for (const words of [
    ["dfu", "list"],
    ["--", "dfu", "list"],
  ]) {
    const { command } = await program(words);
    const loaded = leaves(command).filter(([, { options }]) => options.length > 0);
    expect(loaded.map(([path]) => path)).toEqual(["dfu list"]);
  }
});

test("bash completes commands, options and their choices, and nothing after a free value", async () => {
  const script = bashCompletion(outline((await program()).command));
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
