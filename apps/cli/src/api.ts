import { type Client, createClient } from "@flashline/contract";
import type { Command } from "commander";
import type { Console } from "./console.ts";
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
  if (token === "")
    throw new Refusal("usage.argument", "No token. Set FLASHLINE_TOKEN or say --token.");
  return { url: server.replace(/\/+$/, ""), headers: { authorization: `Bearer ${token}` } };
}

/** A caller for that server. */
export function apiClient(console: Console, options: ServerOptions): ApiClient {
  const { url, headers } = serverAddress(console, options);
  return createClient<AbortSignal>({ baseUrl: url, fetch, headers: () => headers });
}
