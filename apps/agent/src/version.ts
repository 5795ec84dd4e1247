import { readFileSync } from "node:fs";

const { version }: { readonly version: string } = JSON.parse(
  readFileSync(new URL("../package.json", import.meta.url), "utf8"),
);

/** From the agent's package; the same place from `src` and `dist`. Sent with every request and stored with every attempt. */
export const AGENT_VERSION: string = version;
