import { z } from "zod";
import { Id, Sha256 } from "../common.ts";
import type { Role, TokenScope } from "../states.ts";

/** Who may call: anybody, a station with its credential, or a person or token with one of these roles. */
export type Access =
  | { readonly kind: "public" }
  | { readonly kind: "station" }
  | {
      readonly kind: "people";
      readonly roles: readonly Role[];
      readonly scopes: readonly TokenScope[];
    };

/** One row of the endpoint table: server, client, OpenAPI and pages are all made from it. */
export interface Endpoint {
  readonly method: "GET" | "POST" | "PUT" | "DELETE";
  /** With `:name` parameters. */
  readonly path: string;
  readonly summary: string;
  readonly access: Access;
  readonly params?: z.ZodType;
  readonly query?: z.ZodType;
  /** JSON body; "bytes" takes application/octet-stream, "loose" JSON of which the exact bytes count. */
  readonly body?: z.ZodType;
  readonly bodyKind?: "json" | "bytes" | "loose";
  /** Successful answers by status; `null` has no body. Refusals are an ErrorBody. */
  readonly answers: Readonly<Record<number, z.ZodType | null>>;
}

export const station = { kind: "station" } as const satisfies Access;
export const anyone = { kind: "public" } as const satisfies Access;
const everyone: readonly Role[] = ["operator-lead", "engineer", "firmware", "admin"];
export const people = (
  roles: readonly Role[],
  ...scopes: TokenScope[]
): Extract<Access, { kind: "people" }> => ({
  kind: "people",
  roles,
  scopes,
});
export const read = people(everyone, "read");
/** Who publishes or promotes a release may also find it and see what became of it. */
export const releaseReaders = people(everyone, "read", "releases:publish", "releases:promote");
export const engineers = people(["engineer", "admin"], "orders:write");
/** Who stops what is bad: a shift's lead too. */
export const leads = (...scopes: TokenScope[]) =>
  people(["operator-lead", "engineer", "admin"], ...scopes);
export const firmware = people(["firmware", "admin"], "releases:publish");
/** Who stores bytes that a signed manifest names: of a release or of an update. Stored bytes alone are nothing. */
export const uploaders = people(
  ["firmware", "engineer", "admin"],
  "releases:publish",
  "stations:write",
);
export const promoters = people(["firmware", "engineer", "admin"], "releases:promote");
/** Who says who may do what. */
export const admins = (...scopes: TokenScope[]) => people(["admin"], ...scopes);
export const installers = people(["engineer", "admin"], "stations:write");

export const byId = z.object({ id: Id });
export const bySha = z.object({ sha256: Sha256 });
export const page = z.object({ limit: z.coerce.number().int().min(1).max(200).default(50) });
/** Lists that were short once. `after` is the id of the row after which the list goes on. */
export const longPage = z.object({
  limit: z.coerce.number().int().min(1).max(500).default(500),
  after: Id.optional(),
});
