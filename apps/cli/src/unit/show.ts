import { labelSentence, type UnitDetail } from "@flashline/contract";
import { Command } from "commander";
import { apiClient, type ServerOptions, withServerOptions } from "../api.ts";
import type { Console } from "../console.ts";
import { examples } from "../examples.ts";
import { findUnits } from "../find-unit.ts";
import { reworkText } from "../rework/text.ts";
import { table, timeText } from "../terminal/units.ts";

export function showCommand(console: Console): Command {
  return withServerOptions(
    new Command("show").argument("<serial>", "serial number, or the unit's id"),
  )
    .addHelpText("after", examples("flashline unit show CA-100001"))
    .action(async (serial: string, options: ServerOptions) => {
      const call = apiClient(console, options);
      for (const { id } of await findUnits(call, serial)) {
        const { body } = await call("unit", { params: { id } });
        console.terminal.write(
          options.json ? `${JSON.stringify({ event: "unit", ...body })}\n` : unitText(body),
        );
      }
    });
}

function unitText(unit: UnitDetail): string {
  const rows = unit.history.map((attempt) => [
    `  ${attempt.startedAt}`,
    attempt.outcome ?? "running",
    attempt.version,
    `${attempt.station}/${attempt.nest}`,
    attempt.host,
    attempt.durationMs === null ? "" : timeText(attempt.durationMs),
    [
      attempt.code ?? "",
      attempt.linkIncident ? "link incident" : "",
      attempt.operator === null ? "" : `by ${attempt.operator.name ?? attempt.operator.id}`,
      attempt.patch === null ? "" : `content ${attempt.patch.digest.slice(0, 12)}`,
      attempt.transcript === null ? "" : `transcript ${attempt.id}`,
    ]
      .filter(Boolean)
      .join(", "),
  ]);
  const batch = unit.batch === null ? "" : `, batch ${unit.batch}`;
  const revision = unit.boardRevision === null ? "" : `, board ${unit.boardRevision}`;
  const given = unit.values.map(({ name, value }) => `${name} ${value ?? "(secret)"}`);
  const rework = unit.rework === undefined ? "" : reworkText(unit.rework);
  const labels = (unit.labels ?? []).map((entry) => {
    const by = entry.operator === null ? "" : `, by ${entry.operator}`;
    return `  ${entry.at}  label at ${entry.station}/${entry.nest}${by}: ${labelSentence(entry)}\n`;
  });
  const values = given.length === 0 ? "" : `  ${given.join(", ")}\n`;
  return `${unit.serial}  ${unit.product}${revision}${batch}: ${unit.state}\n${values}${rework}${table(rows)}${labels.join("")}`;
}
