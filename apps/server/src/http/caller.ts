import {
  type Access,
  type ENDPOINTS,
  type EndpointName,
  FlashlineError,
  type Role,
  type TokenScope,
} from "@flashline/contract";

export interface StationCaller {
  readonly kind: "station";
  readonly stationId: string;
  readonly name: string;
  readonly plantId: string;
}
export interface PersonCaller {
  readonly kind: "person";
  readonly id: string;
  readonly sessionId: string;
  readonly name: string;
  readonly role: Role;
}
export interface TokenCaller {
  readonly kind: "token";
  readonly tokenId: string;
  readonly name: string;
  readonly scopes: readonly TokenScope[];
}
/** Who sent a request, as the server proved it. */
export type Caller = StationCaller | PersonCaller | TokenCaller;

/** What the access of endpoint `N` leaves of the callers. */
export type CallerOf<N extends EndpointName> = (typeof ENDPOINTS)[N]["access"] extends {
  readonly kind: infer K;
}
  ? K extends "station"
    ? StationCaller
    : K extends "people"
      ? PersonCaller | TokenCaller
      : Caller | null
  : never;

/** Throws `auth.required` without a caller, `auth.forbidden` for a caller who may not. */
export function mustBeAllowed(access: Access, caller: Caller | null): void {
  if (mayCall(access, caller)) return;
  throw new FlashlineError(caller === null ? "auth.required" : "auth.forbidden");
}

/** Whom a limit counts. */
export const callerKey = (caller: Caller): string =>
  caller.kind === "station" ? `station ${caller.stationId}` : `${caller.kind} ${caller.name}`;

/** The access rule of the table, on one caller. */
function mayCall(access: Access, caller: Caller | null): boolean {
  switch (access.kind) {
    case "public":
      return true;
    case "station":
      return caller?.kind === "station";
    case "people":
      if (caller?.kind === "person") return access.roles.includes(caller.role);
      return (
        caller?.kind === "token" && caller.scopes.some((scope) => access.scopes.includes(scope))
      );
  }
}
