import { type Client, createClient, type Fetch } from "@flashline/contract";
import type { Command } from "commander";
import type { Console } from "./console.ts";
import { ExitCode } from "./exit.ts";
import { Refusal } from "./refusal.ts";

/** A typed caller for every endpoint. */
export type ApiClient = Client<AbortSignal>;

export interface ServerOptions {
  readonly server?: string;
  readonly token?: string;
  readonly json?: true;
}

export function withServerOptions(command: Command): Command {
  return command
    .option("--server <url>", "the Flashline server (or FLASHLINE_SERVER)")
    .option(
      "--token <token>",
      "an API token (or FLASHLINE_TOKEN, which other users of this PC do not see)",
    )
    .option("--json", "one JSON line a thing");
}

/** The server that the options or the environment name, and what to show it. */
export function serverAddress(console: Console, options: ServerOptions) {
  const server = options.server ?? console.env["FLASHLINE_SERVER"] ?? "";
  const token = options.token ?? console.env["FLASHLINE_TOKEN"] ?? "";
  if (server === "")
    throw new Refusal("usage.argument", "Which server? Set FLASHLINE_SERVER or say --server.");
  if (!/^https?:\/\//.test(server) || !URL.canParse(server))
    throw new Refusal(
      "usage.argument",
      `${server} is not the address of a server, like http://server:8370.`,
    );
  const { username, password } = new URL(server);
  if (username !== "" || password !== "")
    throw new Refusal(
      "usage.argument",
      "The server's address has a name or a password in it. Leave them out: the token says who asks.",
    );
  if (token === "")
    throw new Refusal("usage.argument", "No token. Set FLASHLINE_TOKEN or say --token.");
  return { url: server.replace(/\/+$/, ""), headers: { authorization: `Bearer ${token}` } };
}

/**
 * In JSON, what a terminal obeys: control characters but tab and line ends. A name or a reason may hold them, and whoever wrote it could hide lines
 * from whoever reads them.
 */
const OBEYED =
  /(?<!\\)((?:\\\\)*)(?:\\u00(?:0[0-8bcef]|1[0-9a-f]|7f|[89][0-9a-f])|\\b|\\f)|[\u007f-\u009f]/gi;
const harmless = (json: string): string => json.replace(OBEYED, "$1\\ufffd");

/** The server's answers; `forPeople`: without what a terminal obeys. Throws a Refusal where something else answers. */
const asker =
  (forPeople: boolean): Fetch<AbortSignal> =>
  async (url, init) => {
    const answer = await fetch(url, init);
    const { ok, status, headers } = answer;
    if (ok && headers.get("content-type")?.startsWith("text/html") === true) {
      const { origin } = new URL(url);
      throw new Refusal(
        "server.unavailable",
        `${origin} answers with a page: it is no Flashline server.`,
        { exit: ExitCode.Fail },
      );
    }
    const text = async () => (forPeople ? harmless(await answer.text()) : await answer.text());
    return { status, headers, text };
  };

/** A caller for that server. */
export function apiClient(console: Console, options: ServerOptions): ApiClient {
  const { url, headers } = serverAddress(console, options);
  const ask = asker(options.json !== true);
  return createClient<AbortSignal>({ baseUrl: url, fetch: ask, headers: () => headers });
}
