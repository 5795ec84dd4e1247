import { Command, Option } from "commander";
import { apiClient, type ServerOptions, withServerOptions } from "../api.ts";
import { collect } from "../arguments.ts";
import type { Console } from "../console.ts";
import { defined } from "../defined.ts";
import { examples } from "../examples.ts";
import { showJson, showList } from "../list.ts";
import { Refusal } from "../refusal.ts";

type ChangeOptions = ServerOptions & {
  readonly title?: string;
  readonly boardRevision: readonly string[];
  readonly serialPattern?: string;
  readonly registration?: "listed" | "pattern";
  readonly virtualUnits?: "allowed" | "refused";
  readonly reason: string;
};

/** Changes what may be changed of a product. Its name and chip are what releases were signed for. */
export const changeProductCommand = (console: Console): Command =>
  withServerOptions(new Command("change").argument("<name>", "the product"))
    .description("change a product's title, board revisions, serials or virtual units")
    .option("--title <text>", "its name for people")
    .option("--board-revision <name>", "all revisions, one each; may be repeated", collect, [])
    .option("--serial-pattern <expression>", "what its serials must match; - is anything")
    .addOption(
      new Option("--registration <how>", "which serials are flashed").choices([
        "listed",
        "pattern",
      ]),
    )
    .addOption(new Option("--virtual-units <how>", "for trials").choices(["allowed", "refused"]))
    .requiredOption("--reason <text>", "why, for the ledger")
    .addHelpText(
      "after",
      examples(
        'flashline product change MC-2 --board-revision C --board-revision D --reason "new board"',
      ),
    )
    .action(async (id: string, options: ChangeOptions) => {
      const { title, boardRevision, serialPattern, registration, virtualUnits, reason } = options;
      const change = defined({
        title,
        registration,
        boardRevisions: boardRevision.length === 0 ? undefined : [...boardRevision],
        serialPattern: serialPattern === "-" ? null : serialPattern,
        allowVirtual: virtualUnits === undefined ? undefined : virtualUnits === "allowed",
      });
      if (Object.keys(change).length === 0) {
        throw new Refusal("usage.argument", "Say what changes.", { hint: "" });
      }
      const body = { ...change, reason };
      const answer = await apiClient(console, options)("changeProduct", { params: { id }, body });
      if (options.json) return showJson(console, "product", answer.body);
      console.terminal.write(`Product ${answer.body.name} is changed.\n`);
    });

/** "retire" and "restore" of a product. */
export const productRetirementCommands = (console: Console): readonly Command[] =>
  (["retire", "restore"] as const).map((verb) =>
    withServerOptions(new Command(verb).argument("<name>", "the product"))
      .description(
        verb === "retire"
          ? "let a product take no new orders; what was ordered goes on"
          : "let a retired product take orders again",
      )
      .requiredOption("--reason <text>", "why, for the ledger")
      .addHelpText("after", examples(`flashline product ${verb} MC-2 --reason "end of life"`))
      .action(async (id: string, options: ServerOptions & { readonly reason: string }) => {
        const body = { retired: verb === "retire", reason: options.reason };
        const answer = await apiClient(console, options)("changeProduct", { params: { id }, body });
        if (options.json) return showJson(console, "product", answer.body);
        const takes = answer.body.retiredAt === null ? "takes orders again" : "takes no new orders";
        console.terminal.write(`Product ${answer.body.name} ${takes}.\n`);
      }),
  );

/** The part table's names, of which a product has one. */
export const chipsCommand = (console: Console): Command =>
  withServerOptions(new Command("chips"))
    .description("chips that a product may be made with")
    .addHelpText("after", examples("flashline product chips"))
    .action(async (options: ServerOptions) => {
      const { body } = await apiClient(console, options)("parts", {});
      showList(console, options, "chip", body, [
        ["CHIP", ({ name }) => name],
        ["FAMILY", ({ family }) => family],
        ["ALSO CALLED", ({ aliases }) => aliases.join(", ")],
      ]);
    });
