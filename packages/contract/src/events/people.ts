import { z } from "zod";
import { type EventKind, nothing } from "./event.ts";

const ended = z.object({ sessions: z.number(), tokens: z.number() });

/** People, tokens and keys. */
export const PEOPLE_EVENTS = {
  "person.added": {
    says: "A person may log in; `after` has the role.",
    subject: "person",
    versions: [nothing],
  },
  "person.changed": {
    says: "A person got a new password, and perhaps another role (`before`, `after`). Their sessions ended.",
    subject: "person",
    versions: [nothing],
  },
  "person.role-changed": {
    says: "A person got another role (`before`, `after`). So many of their sessions and of the tokens that they made ended.",
    subject: "person",
    versions: [ended],
  },
  "person.plant-changed": {
    says: "A person works in another plant (`before`, `after`); null: in all of them.",
    subject: "person",
    versions: [nothing],
  },
  "person.renamed": {
    says: "A person has another name. The subject is the name before; later events have the new one, whose id is `nowKnownAs`.",
    subject: "person",
    versions: [z.object({ nowKnownAs: z.string() })],
  },
  "person.password-set": {
    says: "A person got another password. So many of their sessions ended.",
    subject: "person",
    versions: [z.object({ sessions: z.number() })],
  },
  "person.linked": {
    says: "A person may log in by an identity at the provider `issuer`.",
    subject: "person",
    versions: [z.object({ issuer: z.string() })],
  },
  "person.unlinked": {
    says: "A person may log in by no identity at a provider any more. So many of their sessions ended.",
    subject: "person",
    versions: [z.object({ sessions: z.number() })],
  },
  "person.disabled": {
    says: "A person may not log in any more. So many of their sessions and of the tokens that they made ended.",
    subject: "person",
    versions: [nothing, ended],
  },
  "person.enabled": {
    says: "A person who was disabled may log in again.",
    subject: "person",
    versions: [nothing],
  },
  "person.sessions-ended": {
    says: "Somebody ended so many sessions of a person.",
    subject: "person",
    versions: [z.object({ sessions: z.number() })],
  },
  "person.erased": {
    says: "A person's name was taken out of the ledger and of everything else that told it.",
    subject: "person",
    versions: [nothing],
  },
  "person.logged-in": {
    says: "A person logged in.",
    subject: "person",
    versions: [nothing],
  },
  "person.log-in-failed": {
    says: "Somebody tried to log in under this name, with a wrong password or where nobody has the name.",
    subject: "person",
    versions: [nothing],
  },
  "person.log-in-refused": {
    says: "A person proved who they are and was not let in, because of `code`.",
    subject: "person",
    versions: [z.object({ code: z.string() })],
  },
  "person.log-in-unproved": {
    says: "A browser came back from the identity provider without a proof of who somebody is, because of `code`.",
    subject: "other",
    versions: [z.object({ code: z.string() })],
  },
  "person.logged-out": {
    says: "A person ended their session.",
    subject: "person",
    versions: [nothing],
  },
  "token.added": {
    says: "A program got an API token.",
    subject: "token",
    versions: [z.object({ scopes: z.array(z.string()), expiresAt: z.string().nullable() })],
  },
  "token.revoked": {
    says: "An API token is not valid any more.",
    subject: "token",
    versions: [nothing],
  },
  "key.trusted": {
    says: "Releases that are signed by this key are accepted.",
    subject: "key",
    versions: [z.object({ publicKey: z.string() })],
  },
  "key.retirement-set": {
    says: "A key takes no new releases from `after.retiresAt` on, or does not retire any more (null). What it released stays good.",
    subject: "key",
    versions: [nothing],
  },
  "key.revoked": {
    says: "Releases that are signed by this key are not accepted any more, and those that could be flashed are revoked: each has its own event.",
    subject: "key",
    versions: [nothing, z.object({ releases: z.array(z.string()), drafts: z.array(z.string()) })],
  },
} as const satisfies Record<string, EventKind>;
