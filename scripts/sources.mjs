// Runs TypeScript as it is: workspaces find each other's sources instead of what was built of them.
import { register } from "node:module";
import { fileURLToPath } from "node:url";

const CONDITION = `export const resolve = (specifier, context, next) =>
  next(specifier, { ...context, conditions: ["source", ...context.conditions] });`;

/** From here on this process imports `.ts` files. */
export async function acceptSources() {
  // Else tsx reads the tsconfig.json of whatever folder the command is called in.
  process.env["TSX_TSCONFIG_PATH"] ??= fileURLToPath(
    new URL("../tsconfig.base.json", import.meta.url),
  );
  const tsx = await import("tsx/esm/api");
  tsx.register();
  register(`data:text/javascript,${encodeURIComponent(CONDITION)}`, import.meta.url);
}
