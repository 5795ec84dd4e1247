import type { z } from "zod";

type Issue = z.core.$ZodRawIssue;

const EXAMPLES: Readonly<Record<string, string>> = {
  datetime: "Give a time with its offset, such as 2026-11-30T08:15:00+01:00.",
  date: "Give a day, such as 2026-11-30.",
  email: "Give an e-mail address, such as lead@plant.example.",
  url: "Give an address, such as https://mes.plant.example/flashline.",
};

function sayLimit(word: "least" | "most", limit: number | bigint, of: string): string {
  const number = limit.toLocaleString("en");
  if (of === "string")
    return `Use at ${word} ${number} ${limit === 1 ? "character" : "characters"}.`;
  if (of === "array" || of === "set") return `Give at ${word} ${number} of them.`;
  return `Give ${number} at ${word}.`;
}

/** What is wrong with a value, as a sentence that tells people what to write instead; undefined where the schema library's own words have to do. */
export function sayIssue(issue: Issue): string | undefined {
  switch (issue.code) {
    case "too_small":
      if (issue.origin === "string" && issue.minimum === 1) return "This is empty.";
      return sayLimit("least", issue.minimum, issue.origin);
    case "too_big":
      return sayLimit("most", issue.maximum, issue.origin);
    case "invalid_type":
      return issue.input === undefined ? "This is missing." : undefined;
    case "invalid_value":
      return `Choose one of ${issue.values.map(String).join(", ")}.`;
    case "invalid_format":
      return EXAMPLES[issue.format];
    default:
      return undefined;
  }
}
