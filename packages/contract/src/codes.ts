import { Blame, ENGINE_CODES } from "@flashline/dfu-core/codes";
import { CALL, type ContractCodeEntry } from "./codes/entry.ts";
import { GOLDEN_CODES } from "./codes/golden.ts";
import { PEOPLE_CODES } from "./codes/people.ts";
import { RELEASE_CODES } from "./codes/release.ts";
import { SERVER_CODES } from "./codes/server.ts";
import { STATION_CODES } from "./codes/station.ts";
import { UPDATE_CODES } from "./codes/updates.ts";
import { WORK_CODES } from "./codes/work.ts";

export type { ContractCodeEntry } from "./codes/entry.ts";

/** The one table of codes: the engine's, and everything that server, agent and tools answer with. */
export const CODES = {
  ...ENGINE_CODES,
  ...SERVER_CODES,
  ...PEOPLE_CODES,
  ...WORK_CODES,
  ...GOLDEN_CODES,
  ...RELEASE_CODES,
  ...STATION_CODES,
  ...UPDATE_CODES,
} as const satisfies Record<string, ContractCodeEntry>;

/** Every code that this version knows: the engine's and those of server and agent. */
export type Code = keyof typeof CODES;

/** Codes come from outside: an inherited property such as "toString" must not count as a code. */
export function isKnownCode(code: string): code is Code {
  return Object.hasOwn(CODES, code);
}

/** The entry of a code; of one that this version does not know, what is safe to say about it. */
export function describeCode(code: string): ContractCodeEntry & { readonly known: boolean } {
  if (isKnownCode(code)) return { ...CODES[code], known: true };
  return {
    blame: Blame.System,
    link: code.startsWith("link."),
    action: CALL,
    meaning: `A code that this version does not know: ${code}.`,
    known: false,
  };
}
