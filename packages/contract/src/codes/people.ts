import { CALL, type ContractCodeEntry, operator, system } from "./entry.ts";

/** Who somebody is, and what they may do. */
export const PEOPLE_CODES = {
  "auth.required": operator(
    401,
    "Log in.",
    "No valid session, token or station credential came with the request.",
  ),
  "auth.wrong": operator(401, "Check name and password.", "Name or password is wrong."),
  "auth.forbidden": operator(403, CALL, "This role or token may not do that."),
  "auth.revoked": system(401, CALL, "This credential was revoked."),
  "auth.no_pages": operator(
    403,
    "Work at a station.",
    "An operator works at stations by badge and has no pages.",
  ),
  "auth.provider": system(
    503,
    "Wait a moment, or ask an admin.",
    "The identity provider does not answer as it should; the server's log says why.",
  ),
  "auth.not_proved": operator(
    401,
    "Log in again.",
    "The identity provider did not prove who you are.",
  ),
  "auth.no_role": operator(
    403,
    "Ask an admin for a group.",
    "None of your groups at the identity provider has a role here.",
  ),
  "auth.name_taken": operator(
    409,
    "Ask an admin to link you.",
    "Somebody here has, or had, your name and does not log in by this identity.",
  ),
  "auth.disabled": operator(403, "Ask an admin.", "You may not log in any more."),
  "people.last_admin": operator(
    409,
    "Make another admin first.",
    "Without this person nobody could say any more who may do what.",
  ),
  "badge.unknown": operator(404, "Scan your badge again.", "Nobody has this badge."),
  "badge.lost": operator(403, "Badge was lost. Call the lead.", "This badge was reported as lost."),
  "badge.disabled": operator(
    403,
    "Badge is blocked. Call the lead.",
    "The person whose badge this is may not work any more.",
  ),
  "badge.other_plant": operator(
    403,
    "Badge of another plant. Call the lead.",
    "The person whose badge this is works in another plant.",
  ),
  "badge.unchecked": system(
    503,
    "Badge cannot be checked. Wait for the server.",
    "The server is away, and what the station knows of badges is too old to count.",
  ),
  "badge.taken": operator(409, "Take another badge.", "Somebody else has this badge."),
  "operator.missing": operator(
    409,
    "Scan your badge. Then press START.",
    "No unit is started here while nobody is logged in at the station.",
  ),
  "operator.unknown": operator(
    403,
    "Scan your badge again.",
    "The person at the station is not known any more, or may not work in this plant.",
  ),
  "enrol.clone": operator(
    409,
    "Make the machine id new. Enroll again.",
    "Another station is enrolled with this PC's machine id and other network cards: one of the two is a copy of the other's disk.",
  ),
  "enrol.token": system(
    401,
    "Get a new enrollment token.",
    "The enrollment token is unknown, used or expired.",
  ),
} as const satisfies Record<string, ContractCodeEntry>;
