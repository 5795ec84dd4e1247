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

test("one is told as one, and several as several", () => {
  const told = (rule: string, n: number) =>
    describeAlarm(rule, "L3-01", {
      results: n,
      letters: n,
      left: n,
      places: n,
      behind: n,
      minutes: n,
      since: "06:00",
      until: "06:00",
      serial: "SN1",
      made: 3,
      due: 4,
    });
  expect(told("results.waiting", 1)).toBe("1 result waits at L3-01 since 06:00.");
  expect(told("results.waiting", 2)).toBe("2 results wait at L3-01 since 06:00.");
  expect(told("webhook.letters", 1)).toBe(
    "1 message to webhook L3-01 was given up; it can be sent again.",
  );
  expect(told("result.contradicted", 1)).toBe(
    "L3-01 sent 1 result that contradicts its job, of SN1.",
  );
  expect(told("result.contradicted", 2)).toBe(
    "L3-01 sent 2 results that contradict their jobs, the last one of SN1.",
  );
  expect(told("line.behind", 1)).toBe(
    "L3-01 is 1 unit behind its plan, 1 minute of work: 3 made, 4 due.",
  );
  expect(told("order.low", 1)).toBe("Work order L3-01 has 1 unit left.");
  expect(told("numbers.low", 0)).toBe("L3-01 has 0 numbers left.");
  expect(told("grant.kept", 1)).toContain("keeps 1 place of the order");
  for (const [rule, { sentence }] of Object.entries<AlarmRuleEntry>(ALARM_RULES))
    expect(
      sentence.match(/\{\w+\} (?:units|results|messages|places|numbers|minutes)\b/g) ?? [],
    ).toEqual(["failures.row", "yield.low"].includes(rule) ? ["{units} units"] : []);
});

test("an alarm of a newer server's rule has a sentence too, and nothing is taken for a parameter that is none", () => {
  expect(describeAlarm("volcano.near", "L3-01", { units: 3 })).toBe("volcano.near: L3-01");
  expect(describeAlarm("toString", "L3-01", {})).toBe("toString: L3-01");
  expect(describeAlarm("failures.row", "L3-01/{units}", { units: 3 })).toBe(
    "3 units failed one after the other at L3-01/{units}.",
  );
});
