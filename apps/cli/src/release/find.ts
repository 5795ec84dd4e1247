import type { ReleaseView } from "@flashline/contract";
import type { ApiClient } from "../api.ts";
import { defined } from "../defined.ts";
import { rowsOf } from "../pages.ts";
import { Refusal } from "../refusal.ts";

/** The argument of a command that is about one release. */
export const WHICH = ["<release>", "PRODUCT@VERSION, or the release's id"] as const;

/** The release that "PRODUCT@VERSION" or an id names. Throws `request.not_found`. */
export async function findRelease(call: ApiClient, which: string): Promise<ReleaseView> {
  const at = which.lastIndexOf("@");
  if (at < 0) return (await call("release", { params: { id: which } })).body;
  const product = which.slice(0, at);
  const version = which.slice(at + 1);
  const all = rowsOf((after) => call("releases", { query: defined({ product, after }) }));
  for await (const release of all) {
    if (release.version === version && release.product === product) return release;
  }
  throw new Refusal("request.not_found", `There is no release ${version} of ${product}.`, {
    exit: 1,
  });
}
