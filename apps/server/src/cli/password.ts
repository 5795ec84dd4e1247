import { createInterface } from "node:readline/promises";
import { Writable } from "node:stream";
import { FlashlineError } from "@flashline/contract";

/** First line of standard input, or what is typed, unseen, at a terminal. Rejects where there is no terminal to ask. */
export async function readPassword(fromStdin: boolean): Promise<string> {
  if (!fromStdin && !process.stdin.isTTY) {
    throw new FlashlineError(
      "request.invalid",
      "There is no terminal to ask for the password: use --password-stdin.",
    );
  }
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
  if (!fromStdin) process.stderr.write("Password: ");
  const lines = createInterface({ input: process.stdin, output: silent, terminal: !fromStdin });
  try {
    for await (const line of lines) return line;
    return "";
  } finally {
    lines.close();
    if (!fromStdin) process.stderr.write("\n");
  }
}
