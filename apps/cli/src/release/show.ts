import { setTimeout as pause } from "node:timers/promises";
import type { ReleaseView } from "@flashline/contract";
import { Command } from "commander";
import { apiClient, type ServerOptions, withServerOptions } from "../api.ts";
import { wholeNumber } from "../arguments.ts";
import type { Console } from "../console.ts";
import { examples } from "../examples.ts";
import { ExitCode } from "../exit.ts";
import { plural, table } from "../terminal/units.ts";
import { findRelease, WHICH } from "./find.ts";
import { showRelease } from "./state.ts";
import { canaryText } from "./text.ts";

export function showCommand(console: Console): Command {
  return withServerOptions(new Command("show").argument(...WHICH))
    .addHelpText("after", examples("flashline release show U2C@1.4.0"))
    .action(async (which: string, options: ServerOptions) => {
      showRelease(console, options, await findRelease(apiClient(console, options), which));
    });
}

/** Where a release stands: one line, and what is known of its canary. */
function standing(release: ReleaseView): string {
  const { product, version, state, check, checkMessage, passed, failed } = release;
  const units =
    state === "draft"
      ? `, check ${check}${check === "refused" ? ` (${checkMessage ?? ""})` : ""}`
      : `, ${plural(passed, "unit")} passed, ${failed} failed`;
  return `${product}@${version}  ${state}${units}\n${canaryText(release)}`;
}

interface WatchOptions extends ServerOptions {
  readonly every: number;
}

export function watchCommand(console: Console): Command {
  return withServerOptions(new Command("watch").argument(...WHICH))
    .option("--every <seconds>", "how often the server is asked", wholeNumber(1, 3600), 2)
    .addHelpText(
      "after",
      examples(
        "flashline release watch U2C@1.4.0    until it is released (0), paused or revoked (1)",
      ),
    )
    .action(async (which: string, options: WatchOptions) => {
      const call = apiClient(console, options);
      const { id } = await findRelease(call, which);
      const interrupted = console.onInterrupt();
      try {
        let last = "";
        while (!interrupted.signal.aborted) {
          const { body } = await call("release", { params: { id } });
          const now = standing(body);
          if (now !== last) {
            if (options.json) showRelease(console, options, body);
            else console.terminal.write(`${new Date().toISOString()}  ${now}`);
          }
          last = now;
          if (body.state === "released") return;
          const isRefused = body.state === "draft" && body.check === "refused";
          if (isRefused || body.state === "paused" || body.state === "revoked") {
            process.exitCode = ExitCode.Fail;
            return;
          }
          await pause(options.every * 1000, undefined, { signal: interrupted.signal }).catch(
            () => undefined,
          );
        }
      } finally {
        interrupted.release();
      }
    });
}

const share = (part: number, of: number): string =>
  of === 0 ? "" : ` (${((100 * part) / of).toFixed(1)} %)`;

/** What is compared of two releases: a head, and how it is told of each. */
const COMPARED: readonly (readonly [string, (release: ReleaseView) => string])[] = [
  ["state", ({ state, check }) => `${state}, check ${check}`],
  ["counter", ({ counter }) => String(counter)],
  ["chip", ({ chip }) => chip],
  ["boards", ({ boardRevisions }) => boardRevisions.join(", ") || "all"],
  ["key", ({ keyId }) => keyId],
  ["expires", ({ expiresAt }) => expiresAt ?? "never"],
  [
    "images",
    ({ images }) =>
      images.map(({ name, size, sha256 }) => `${name} ${size} ${sha256.slice(0, 12)}`).join("; "),
  ],
  ["recipe", ({ recipe }) => JSON.stringify(recipe)],
  ["passed", ({ passed, failed }) => `${passed}${share(passed, passed + failed)}`],
  ["failed", ({ passed, failed }) => `${failed}${share(failed, passed + failed)}`],
];

export function compareCommand(console: Console): Command {
  const command = new Command("compare")
    .argument(...WHICH)
    .argument("<other>", "the release beside it");
  return withServerOptions(command)
    .addHelpText("after", examples("flashline release compare U2C@1.3.0 U2C@1.4.0"))
    .action(async (which: string, beside: string, options: ServerOptions) => {
      const call = apiClient(console, options);
      const [one, other] = [await findRelease(call, which), await findRelease(call, beside)];
      const rows = COMPARED.map(([head, tell]) => ({ head, one: tell(one), other: tell(other) }));
      if (options.json) {
        const differs = rows.filter((row) => row.one !== row.other).map(({ head }) => head);
        console.terminal.write(
          `${JSON.stringify({ event: "compared", releases: [one, other], differs })}\n`,
        );
        return;
      }
      const recipe = rows.find(({ head }) => head === "recipe");
      const shown = rows.filter(({ head }) => head !== "recipe");
      console.terminal.write(
        table([
          ["", "", `${one.product}@${one.version}`, `${other.product}@${other.version}`],
          ...shown.map((row) => [row.one === row.other ? " " : "≠", row.head, row.one, row.other]),
          [
            recipe?.one === recipe?.other ? " " : "≠",
            "recipe",
            recipe?.one === recipe?.other ? "the same" : "see release show",
            "",
          ],
        ]),
      );
      if (other.canary?.predecessor === one.version) console.terminal.write(canaryText(other));
    });
}
