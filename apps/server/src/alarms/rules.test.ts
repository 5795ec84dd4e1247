import { readFileSync } from "node:fs";
import { ALARM_RULES, type AlarmRuleEntry, describeAlarm } from "@flashline/contract";
import { expect, test } from "vitest";

/** The rules as a table in Markdown, padded as the formatter of docs/alarms.md has it. */
function rulesTable(): string {
  const rows = Object.entries<AlarmRuleEntry>(ALARM_RULES).map(([name, rule]) => {
    const settings = Object.entries(rule.settings).map(
      ([setting, { usual, says }]) => `\`${setting}\` ${usual}: ${says}`,
    );
    return [`\`${name}\``, rule.says, settings.join("; ") || "none", rule.ends, rule.scope];
  });
  const head = ["rule", "what raises it", "settings", "what ends it", "of"];
  const widths = head.map((_, column) =>
    Math.max(...[head, ...rows].map((row) => row[column]?.length ?? 0)),
  );
  const line = (cells: readonly string[], fill = " ") =>
    `| ${widths.map((width, column) => (cells[column] ?? "").padEnd(width, fill)).join(" | ")} |`;
  return [line(head), line([], "-"), ...rows.map((row) => line(row))].join("\n");
}

test("docs/alarms.md has every rule with its settings and what ends it", () => {
  const text = readFileSync(new URL("../../../../docs/alarms.md", import.meta.url), "utf8");
  const [, rest = ""] = text.split("<!-- rules: made of ALARM_RULES -->");
  const [table = ""] = rest.split("<!-- end of rules -->");
  expect(table.trim()).toBe(rulesTable());
});

test("an alarm of a newer server's rule has a sentence too, and nothing is taken for a parameter that is none", () => {
  expect(describeAlarm("volcano.near", "L3-01", { units: 3 })).toBe("volcano.near: L3-01");
  expect(describeAlarm("toString", "L3-01", {})).toBe("toString: L3-01");
  expect(describeAlarm("failures.row", "L3-01/{units}", { units: 3 })).toBe(
    "3 units failed one after the other at L3-01/{units}.",
  );
});
