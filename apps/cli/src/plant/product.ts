import type { ProductView } from "@flashline/contract";
import { Command, Option } from "commander";
import { apiClient, type ServerOptions, withServerOptions } from "../api.ts";
import { collect } from "../arguments.ts";
import type { Console } from "../console.ts";
import { defined } from "../defined.ts";
import { examples } from "../examples.ts";
import { ExitCode } from "../exit.ts";
import { type Columns, showJson, showList } from "../list.ts";
import { Refusal } from "../refusal.ts";
import { retestLimitCommand } from "../rework/retest-limit.ts";
import { labelCommand } from "./label.ts";
import { changeProductCommand, chipsCommand, productRetirementCommands } from "./product-change.ts";

type AddOptions = ServerOptions & {
  readonly chip: string;
  readonly title?: string;
  readonly boardRevision: readonly string[];
  readonly serialPattern?: string;
  readonly registration: ProductView["registration"];
  readonly allowVirtual?: true;
};

const COLUMNS: Columns<ProductView> = [
  ["PRODUCT", ({ name }) => name],
  ["CHIP", ({ chip }) => chip],
  ["UNITS", ({ units }) => String(units)],
  ["REGISTRATION", ({ registration }) => registration],
  ["SERIAL PATTERN", ({ serialPattern }) => serialPattern ?? "-"],
  ["BOARDS", ({ boardRevisions }) => boardRevisions.join(", ")],
  ["TITLE", ({ title }) => title],
];

function addCommand(console: Console): Command {
  return withServerOptions(new Command("add").argument("<name>", "what the product is called"))
    .description("add a product; the same again is no error")
    .requiredOption("--chip <name>", "the chip that its images are made for, like STM32F407VG")
    .option("--title <text>", "its name for people")
    .option("--board-revision <name>", "a revision of its board; may be repeated", collect, [])
    .option("--serial-pattern <expression>", "what its serials must match, whole")
    .addOption(
      new Option("--registration <how>", "which serials are flashed")
        .choices(["listed", "pattern"])
        .default("listed"),
    )
    .option("--allow-virtual", "virtual units are accepted: for trials")
    .addHelpText(
      "after",
      examples(
        "flashline product add MC-2 --chip STM32F407VG --serial-pattern 'MC2-\\d{6}'",
        "flashline product add U2C --chip STM32F072 --serial-pattern 'U\\d{5}' --registration pattern",
      ),
    )
    .action(async (name: string, options: AddOptions) => {
      const { chip, title, boardRevision, serialPattern, registration } = options;
      const body = defined({
        name,
        chip,
        title,
        serialPattern,
        registration,
        boardRevisions: [...boardRevision],
        allowVirtual: options.allowVirtual,
      });
      const answer = await apiClient(console, options)("addProduct", { body });
      showList(console, options, "product", [answer.body], COLUMNS);
    });
}

function listCommand(console: Console): Command {
  return withServerOptions(new Command("list"))
    .description("products")
    .addHelpText("after", examples("flashline product list"))
    .action(async (options: ServerOptions) => {
      const { body } = await apiClient(console, options)("products", {});
      showList(console, options, "product", body, COLUMNS);
    });
}

function showCommand(console: Console): Command {
  return withServerOptions(new Command("show").argument("<name>", "the product"))
    .description("one product, with the numbers that are left of its ranges")
    .addHelpText("after", examples("flashline product show MC-2"))
    .action(async (name: string, options: ServerOptions) => {
      const call = apiClient(console, options);
      const product = (await call("products", {})).body.find((one) => one.name === name);
      if (product === undefined)
        throw new Refusal("request.not_found", `There is no product ${name}.`, {
          exit: ExitCode.Fail,
          hint: "",
        });
      const ranges = (await call("ranges", { query: { product: name } })).body;
      if (options.json) return showJson(console, "product", { ...product, ranges });
      showList(console, options, "product", [product], COLUMNS);
      for (const { name: range, kind, first, last, left } of ranges)
        console.terminal.write(`  range ${range} (${kind}): ${first} to ${last}, ${left} left\n`);
    });
}

export function productCommand(console: Console): Command {
  const command = new Command("product")
    .addCommand(addCommand(console))
    .addCommand(listCommand(console))
    .addCommand(showCommand(console))
    .addCommand(changeProductCommand(console))
    .addCommand(chipsCommand(console))
    .addCommand(retestLimitCommand(console))
    .addCommand(labelCommand(console));
  for (const retirement of productRetirementCommands(console)) command.addCommand(retirement);
  return command;
}
