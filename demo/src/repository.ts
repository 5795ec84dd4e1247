import { fileURLToPath } from "node:url";

const at = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url));

/** The commands of this repository, as a person would call them. */
export const COMMANDS = {
  flashline: at("apps/cli/bin/flashline.js"),
  server: at("apps/server/bin/flashline-server.js"),
  agent: at("apps/agent/bin/flashline-agent.js"),
} as const;
