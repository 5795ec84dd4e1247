import { Argument, Command } from "commander";
import type { Console } from "../console.ts";
import { bashCompletion } from "./bash.ts";
import { fishCompletion } from "./fish.ts";
import { type CommandOutline, outline } from "./outline.ts";
import { zshCompletion } from "./zsh.ts";

const SHELLS = {
  bash: bashCompletion,
  zsh: zshCompletion,
  fish: fishCompletion,
} as const satisfies Record<string, (commands: readonly CommandOutline[]) => string>;
type Shell = keyof typeof SHELLS;

const EXAMPLES = `
Examples:
  source <(flashline completion bash)        for this shell; in ~/.bashrc for every one
  source <(flashline completion zsh)         in ~/.zshrc, after compinit
  flashline completion fish > ~/.config/fish/completions/flashline.fish

The shell must find "flashline" by that name.`;

/** @param program all commands of it */
export function completionCommand(console: Console, program: () => Promise<Command>): Command {
  return new Command("completion")
    .addArgument(new Argument("<shell>", "which shell").choices(Object.keys(SHELLS)))
    .addHelpText("after", EXAMPLES)
    .action(async (shell: Shell) => {
      console.terminal.write(SHELLS[shell](outline(await program())));
    });
}
