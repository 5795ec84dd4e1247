import { expect, it } from "vitest";
import { protectionText, weigh } from "./read-protection.ts";

const rdp = (level: string, byte: string) => ({ level, text: `RDP is ${byte}` });
const open = { state: "open", text: "the first bytes of its flash can be read" } as const;
const shut = { state: "protected", text: "errVENDOR" } as const;
const refused = { state: "refused", text: "errVENDOR" } as const;
const silent = { state: "unknown", text: "no answer" } as const;

it.each([
  [undefined, open, "open", /^none$/],
  [undefined, shut, "protected", /^active; .*unprotect/],
  [rdp("level 0", "0xaa"), open, "open", /^level 0, none$/],
  [rdp("level 0", "0xaa"), refused, "refused", /^level 0, not proven/],
  [rdp("level 0", "0xaa"), shut, "refused", /^level 0, not proven/],
  [rdp("level 0.5", "0x55"), open, "open", /^level 0.5, what is not secure can be read$/],
  [rdp("level 1", "0x00"), open, "written", /^level 1, written, and not in effect/],
  [rdp("level 2", "0xcc"), open, "written", /^level 2, written, and not in effect/],
  [rdp("level 1", "0x00"), shut, "protected", /^level 1, active/],
  [rdp("level 1", "0x00"), refused, "refused", /^level 1, not proven/],
  [rdp("level 1", "0x00"), silent, "unknown", /^could not be told$/],
  [rdp("level 0", "0xaa"), silent, "unknown", /^could not be told$/],
] as const)("the option bytes' %o and a read that is %o are %s", (says, probe, state, text) => {
  const told = weigh(says, probe);
  expect(told.state).toBe(state);
  expect(told.evidence).toContain(probe.text);
  expect(told.evidence).toContain(says?.text ?? "");
  expect(protectionText(told)).toMatch(text);
});
