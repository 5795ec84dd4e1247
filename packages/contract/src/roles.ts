import type { Access, Endpoint } from "./endpoints/endpoint.ts";
import { ENDPOINTS, LIVE_PATH } from "./endpoints/index.ts";
import { HOLD_ACCESS, HOLD_KINDS } from "./holds.ts";
import { Role, type TokenScope } from "./states.ts";

/** For whom each role is. */
export const ROLES = {
  operator: "Works at stations, known by badge. Has no pages and no password.",
  "operator-lead":
    "Leads a shift: sees everything, stops what is bad, decides about units that failed, gives operators badges.",
  engineer:
    "Runs the plant: products, orders, stations, hosts; promotes releases and reads the ledger.",
  firmware: "Publishes, promotes and revokes releases.",
  admin: "May do everything, and says who may do what.",
} as const satisfies Record<Role, string>;

/** What each scope lets a token do. */
export const SCOPES = {
  read: "Read what everybody with pages reads.",
  "releases:publish": "Publish releases and read them.",
  "releases:promote": "Promote and revoke releases, and read them.",
  "orders:write":
    "Products, orders, plans, units, their values and number ranges; holds of units and batches.",
  "stations:write": "Plants, lines and stations; holds of hosts, nests, stations and lines.",
  "feed:read": "Read the ledger.",
  "webhooks:write": "Webhooks: where events go, and with which secret they are signed.",
  "people:write":
    "People, their sessions and badges, tokens: who has such a token can make an admin.",
  "keys:write": "Say whose releases are accepted.",
} as const satisfies Record<TokenScope, string>;

/** One thing that can be done, and who may. */
export interface Right {
  /** Name of the endpoint; of holds with their kind. */
  readonly operation: string;
  readonly summary: string;
  readonly access: Access;
}

/** Everything that can be done, from the tables that the server decides by. */
export function rights(): readonly Right[] {
  const all = Object.entries<Endpoint>(ENDPOINTS).flatMap(([operation, { summary, access }]) =>
    operation === "setHold" || operation === "liftHold"
      ? HOLD_KINDS.map((kind) => ({
          operation: `${operation} ${kind}`,
          summary: operation === "setHold" ? `Stop a ${kind}` : `End the hold on a ${kind}`,
          access: HOLD_ACCESS[kind],
        }))
      : [{ operation, summary, access }],
  );
  const { access } = ENDPOINTS.stations;
  return [...all, { operation: LIVE_PATH, summary: "Hear of changes as they happen", access }];
}

/** Whether a role may. */
export const roleMay = (role: Role, { access }: Right): boolean =>
  access.kind === "people" && access.roles.includes(role);

/** Rights that people and tokens have, one a row: summary, operation, "yes" under each role that may, and the scopes. */
export function rightsRows(): readonly (readonly string[])[] {
  const roles = Object.values(Role);
  const rows = rights().flatMap((right) => {
    const { operation, summary, access } = right;
    if (access.kind !== "people") return [];
    const marks = roles.map((role) => (roleMay(role, right) ? "yes" : ""));
    return [[summary, operation, ...marks, access.scopes.join(", ")]];
  });
  return [["what", "operation", ...roles, "scopes"], ...rows];
}

/** The same as a table in Markdown, for docs/people.md. */
export function rightsTable(): string {
  const rows = rightsRows().map((row) =>
    row.map((cell, column) => (column === 1 && cell !== "operation" ? `\`${cell}\`` : cell)),
  );
  const [head = [], ...body] = rows;
  const widths = head.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const line = (cells: readonly string[], fill = " ") =>
    `| ${widths.map((width, column) => (cells[column] ?? "").padEnd(width, fill)).join(" | ")} |`;
  return [line(head), line([], "-"), ...body.map((row) => line(row))].join("\n");
}
