import { readFileSync } from "node:fs";

const { version }: { readonly version: string } = JSON.parse(
  readFileSync(new URL("../package.json", import.meta.url), "utf8"),
);

/** From the package; the same place from `src` and `dist`. */
export const VERSION: string = version;
