import { GOLDEN_AREAS, GOLDEN_CYCLES, type GoldenDetail } from "@flashline/contract";
import { Command } from "commander";
import { apiClient, type ServerOptions, withServerOptions } from "../api.ts";
import type { Console } from "../console.ts";
import { defined } from "../defined.ts";
import { examples } from "../examples.ts";
import { showJson, showList } from "../list.ts";
import { givenReason } from "./reason.ts";

interface AddOptions extends ServerOptions {
  readonly plant: string;
  readonly product: string;
  readonly release: string;
  readonly cycles: string;
  readonly areas: string;
  readonly reason?: string;
}
interface ReasonOptions extends ServerOptions {
  readonly reason?: string;
}
interface ListOptions extends ServerOptions {
  readonly plant?: string;
  readonly retired?: true;
}

const hex = (address: number): string => `0x${address.toString(16).padStart(8, "0")}`;

function detailText(unit: GoldenDetail): string {
  const { serial, product, version, plant, worn, cycles, areas, checks, retiredAt } = unit;
  return [
    `${serial}: ${product} ${version}, ${plant}${retiredAt === null ? "" : ", retired"}`,
    `  ${worn} of ${cycles} erase cycles, ${checks} checks, one of ${areas} areas each`,
    ...unit.sectors.map((sector) => `  ${hex(sector.address)}  ${sector.cycles}`),
    ...unit.latest
      .slice(0, 10)
      .map(
        ({ id, at, station, nest, state, code, transcript }) =>
          `  ${at}  ${station}/${nest}  ${state}${code === null ? "" : ` ${code}`}${transcript === null ? "" : `, transcript ${id}`}`,
      ),
    "",
  ].join("\n");
}

/** Registers, lists, shows and retires golden units; lists nests and their checks. */
export function goldenUnitCommands(console: Console): readonly Command[] {
  const add = withServerOptions(new Command("add").argument("<serial>", "on its label"))
    .description("register a golden unit: a known one that checks nests")
    .requiredOption("--plant <name>", "where it is used")
    .requiredOption("--product <name>", "what it is")
    .requiredOption("--release <version>", "what its checks flash")
    .option("--cycles <n>", "erase cycles that a sector may have", String(GOLDEN_CYCLES))
    .option("--areas <n>", "a check erases one of so many parts of the image", String(GOLDEN_AREAS))
    .option("--reason <text>", "why, for the ledger")
    .addHelpText(
      "after",
      examples(
        'flashline golden add GOLD-1 --plant Graz --product MC2 --release 2.4.1 --reason "checked on 3 hosts"',
      ),
    )
    .action(async (serial: string, options: AddOptions) => {
      const { plant, product, release: version } = options;
      const body = {
        serial,
        plant,
        product,
        version,
        reason: givenReason(options.reason),
        cycles: Number(options.cycles),
        areas: Number(options.areas),
      };
      const { body: unit } = await apiClient(console, options)("addGolden", { body });
      if (options.json) return showJson(console, "golden", unit);
      console.terminal.write(`Golden unit ${unit.serial} is registered. Scan it at a nest.\n`);
    });

  const list = withServerOptions(new Command("list"))
    .description("golden units, and how worn they are")
    .option("--plant <name>", "of this plant only")
    .option("--retired", "those that were retired too")
    .addHelpText("after", examples("flashline golden list", "flashline golden list --plant Graz"))
    .action(async (options: ListOptions) => {
      const retired = options.retired === true ? ("true" as const) : undefined;
      const query = defined({ plant: options.plant, retired });
      const { body } = await apiClient(console, options)("goldenUnits", { query });
      showList(console, options, "golden", body, [
        ["serial", ({ serial }) => serial],
        ["plant", ({ plant }) => plant],
        ["flashes", ({ product, version }) => `${product} ${version}`],
        ["cycles", ({ worn, cycles }) => `${worn}/${cycles}`],
        ["checks", ({ checks }) => String(checks)],
        ["retired", ({ retiredAt }) => retiredAt ?? ""],
      ]);
    });

  const show = withServerOptions(new Command("show").argument("<serial>", "the golden unit"))
    .description("a golden unit, its sectors' cycles and its latest checks")
    .addHelpText("after", examples("flashline golden show GOLD-1"))
    .action(async (serial: string, options: ServerOptions) => {
      const call = apiClient(console, options);
      const { body } = await call("goldenUnit", { params: { serial } });
      if (options.json) showJson(console, "golden", body);
      else console.terminal.write(detailText(body));
    });

  const retire = withServerOptions(new Command("retire").argument("<serial>", "the golden unit"))
    .description("use a golden unit no more; its serial stays taken")
    .option("--reason <text>", "why, for the ledger")
    .addHelpText("after", examples('flashline golden retire GOLD-1 --reason "worn"'))
    .action(async (serial: string, options: ReasonOptions) => {
      const call = apiClient(console, options);
      const body = { reason: givenReason(options.reason) };
      const { body: unit } = await call("retireGolden", { params: { serial }, body });
      if (options.json) return showJson(console, "golden", unit);
      console.terminal.write(`Golden unit ${unit.serial} is retired.\n`);
    });

  const nests = withServerOptions(new Command("nests"))
    .description("nests, when they are to be checked, and their latest check")
    .option("--plant <name>", "of this plant only")
    .addHelpText("after", examples("flashline golden nests", "flashline golden nests --plant Graz"))
    .action(async (options: ListOptions) => {
      const query = defined({ plant: options.plant });
      const { body } = await apiClient(console, options)("goldenNests", { query });
      showList(console, options, "nest", body, [
        ["nest", ({ station, nest }) => `${station}/${nest}`],
        ["check", ({ due, blocks }) => (blocks ? "due, blocks" : due ? "due" : "")],
        ["due", ({ dueAt }) => dueAt ?? "never"],
        ["last", ({ last }) => last?.at ?? ""],
        ["result", ({ last }) => (last === null ? "" : `${last.state} ${last.code ?? ""}`.trim())],
      ]);
    });
  return [add, list, show, retire, nests];
}
