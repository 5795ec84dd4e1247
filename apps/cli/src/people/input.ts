import { createInterface } from "node:readline";
import { Refusal } from "../refusal.ts";

/** First line of standard input, for what other users of the PC must not see on a command line. `missing`: what to say without one. */
export async function firstLineOfInput(missing: string): Promise<string> {
  const lines = createInterface({ input: process.stdin });
  try {
    for await (const line of lines) if (line !== "") return line;
  } finally {
    lines.close();
  }
  throw new Refusal("usage.argument", missing);
}
