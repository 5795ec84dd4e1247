import { ROLES, rights, rightsRows, rightsTable, SCOPES } from "@flashline/contract";
import { Command } from "commander";
import type { Console } from "../console.ts";
import { examples } from "../examples.ts";
import { showJson } from "../list.ts";
import { table } from "../terminal/units.ts";

const words = (of: Readonly<Record<string, string>>): string =>
  table(Object.entries(of).map(([name, says]) => [name, says]));

/** Needs no server: both have it from the same table. */
function listCommand(console: Console): Command {
  return new Command("list")
    .description("what each role and each scope of a token may do")
    .option("--json", "one JSON line a right")
    .option("--markdown", "the table as docs/people.md has it")
    .addHelpText("after", examples("flashline role list"))
    .action(({ json, markdown }: { json?: true; markdown?: true }) => {
      if (markdown) return console.terminal.write(`${rightsTable()}\n`);
      if (json) {
        for (const right of rights()) showJson(console, "right", right);
        return;
      }
      const [head = [], ...rows] = rightsRows();
      const heads = head.map((cell) => cell.toUpperCase());
      console.terminal.write(
        `${words(ROLES)}\n${table([heads, ...rows])}\nScopes of tokens:\n${words(SCOPES)}`,
      );
    });
}

export const roleCommand = (console: Console): Command =>
  new Command("role").addCommand(listCommand(console));
