import type { Config } from "../config.ts";

/** Where the agent on this PC serves its page. */
export function agentUrl({ host, port }: Pick<Config, "host" | "port">, path: string): string {
  const name = host.includes(":") ? `[${host}]` : host;
  return `http://${name}:${port}${path}`;
}
