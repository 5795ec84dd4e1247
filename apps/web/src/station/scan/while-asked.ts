import type { KeyCommand } from "./use-keyboard.ts";

/** What stands over the nests and waits for an answer. */
export type Asked = "reason" | "own-words" | "label" | null;

/**
 * What a key means while something is asked. Nothing under the question is started or acknowledged unseen: Escape takes the question back, as its own
 * button does.
 */
export function whileAsked(command: KeyCommand, asked: Asked): "do" | "ignore" | "cancel" {
  if (asked === null) return "do";
  if (command === "acknowledge") return "cancel";
  return command === "start" ? "ignore" : "do";
}
