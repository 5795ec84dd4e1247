import type { AlarmRuleView, AlarmTrial, AlarmView } from "@flashline/contract";

const WHY: Readonly<Record<string, string>> = {
  gone: "its cause is gone",
  off: "its rule was switched off",
  ended: "ended by hand",
  over: "its time was over",
};

/** An alarm with who looks after it and how it ended, a line for each. */
export function alarmText(alarm: AlarmView): string {
  const { id, rule, plant, message, raisedAt, raisedBy, takenBy, takenAt, overdueAt } = alarm;
  const ended =
    alarm.recoveredAt === null
      ? ""
      : `    over ${alarm.recoveredAt}: ${WHY[alarm.recoveredWhy ?? ""] ?? alarm.recoveredWhy}\n`;
  return [
    `${rule}  ${message}\n`,
    `    ${id}${plant === null ? "" : `, ${plant}`}, since ${raisedAt} by ${raisedBy}\n`,
    takenBy === null ? "    nobody has it\n" : `    ${takenBy} has it since ${takenAt}\n`,
    overdueAt === null ? "" : `    nobody had it in time at ${overdueAt}\n`,
    ended,
  ].join("");
}

/** A rule with its settings, and what each of them means. */
export function ruleText(view: AlarmRuleView): string {
  const { rule, plant, enabled, says, settings, usual, meaning, changedBy, changedAt } = view;
  const lines = Object.entries(settings).map(([name, value]) => {
    const other = usual[name] === value ? "" : ` (usually ${usual[name]})`;
    return `    ${name}=${value}${other}  ${meaning[name] ?? ""}\n`;
  });
  return [
    `${rule}${plant === null ? "" : `  ${plant}`}  ${enabled ? "on" : "OFF"}\n`,
    `    ${says}\n`,
    ...lines,
    changedBy === null ? "" : `    changed by ${changedBy} at ${changedAt}\n`,
  ].join("");
}

/** What a rule would have said of the last days, and what it did say. */
export function trialText({
  rule,
  plant,
  settings,
  from,
  to,
  raised,
  would,
  alarms,
}: AlarmTrial): string {
  const set = Object.entries(settings).map(([name, value]) => `${name}=${value}`);
  const of = `${rule}${plant === null ? "" : `  ${plant}`}  ${set.join(" ")}\n`;
  const time = `from ${from} to ${to}`;
  const said =
    would === null
      ? "    nobody can tell: what this rule looks at is not kept\n"
      : `    would have raised ${would} ${time}\n`;
  const left = (would ?? 0) - alarms.length;
  return [
    of,
    said,
    `    raised ${raised} in that time, with the settings of then\n`,
    ...alarms.map(
      ({ at, until, message }) =>
        `    ${at}  ${message}  ${until === null ? "still open" : `over ${until}`}\n`,
    ),
    left > 0 ? `    and ${left} before these\n` : "",
  ].join("");
}
