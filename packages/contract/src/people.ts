import { z } from "zod";
import { Id, Name, Timestamp, text } from "./common.ts";
import { Reason } from "./holds.ts";
import { Role, TokenScope } from "./states.ts";

/** Of a new password, UTF-16 units. */
export const LEAST_PASSWORD = 10;
const Password = text(200);

/** A person's name and password for the pages. */
export const LoginRequest = z.object({
  name: text(80, 1),
  password: text(200, 1),
});
/** Who is logged in, and what the person may do. */
export const SessionView = z.object({ name: z.string(), role: z.string() });

/** By what a person proves who they are. */
export const LOG_IN_WAYS = ["password", "provider", "badge"] as const;

/** How people log in besides by name and password. */
export const LoginWays = z.object({
  /** The identity provider. Null: none is configured. */
  provider: z
    .object({
      host: z.string(),
      /** Where a browser goes to log in there. */
      url: z.string(),
      /** Where it goes after a log-out here, so that the session there ends too. Null: that one stays. */
      end: z.string().nullable(),
    })
    .nullable(),
});

const PersonName = Name.pipe(text(80));

/** A new person. Without a password they work by badge. */
export const PersonRequest = z.object({
  name: PersonName,
  role: z.enum(Role),
  /** The plant in whose stations the person's badge counts; null: in those of all plants. */
  plant: Name.nullable().default(null),
  password: Password.optional(),
  reason: Reason.optional(),
});
/** Another role. */
export const PersonRoleRequest = z.object({ role: z.enum(Role), reason: Reason });
/** Another plant; null: all of them. */
export const PersonPlantRequest = z.object({ plant: Name.nullable(), reason: Reason });
/** Another name. The one before stays this person's. */
export const PersonNameRequest = z.object({ name: PersonName, reason: Reason });
/** A new password for somebody. */
export const PasswordRequest = z.object({ password: Password, reason: Reason });
/** A new password of one's own. */
export const OwnPasswordRequest = z.object({ current: text(200, 1), password: Password });
/** Why, and nothing else. */
export const ReasonRequest = z.object({ reason: Reason });

/** By which identity at the provider a person logs in. */
export const PersonLinkRequest = z.object({
  /** The provider's own name of the person (claim `sub`); OpenID Connect Core, section 2: at most 255 characters. */
  subject: text(255, 1),
  reason: Reason,
});

/** An identity at a provider by which a person logs in. */
export const PersonIdentity = z.object({
  issuer: z.string(),
  subject: z.string(),
  since: z.string(),
});
export type PersonIdentity = z.infer<typeof PersonIdentity>;

/** A person as lists show them. */
export const PersonView = z.object({
  id: Id,
  name: z.string(),
  role: z.string(),
  plant: z.string().nullable(),
  /** By what the person proves who they are: {@link LOG_IN_WAYS}. */
  ways: z.array(z.string()),
  disabledAt: z.string().nullable(),
  createdAt: z.string(),
  /** Sessions that are open now. */
  sessions: z.number().int(),
  /** Valid tokens that the person made. */
  tokens: z.number().int(),
});
export type PersonView = z.infer<typeof PersonView>;

/** An open session of the pages. */
export const OpenSession = z.object({
  id: Id,
  person: z.string(),
  role: z.string(),
  /** Where it was opened; null of one that an older server opened. */
  address: z.string().nullable(),
  since: z.string(),
  /** To within a minute. */
  lastUsedAt: z.string(),
  endsAt: z.string(),
  /** The session that asks. */
  current: z.boolean(),
});
export type OpenSession = z.infer<typeof OpenSession>;

/** What a program may do with the API, and until when. */
export const TokenRequest = z.object({
  name: Name,
  scopes: z.array(z.enum(TokenScope)).min(1).max(20),
  /** How long it is valid; null: until it is revoked. */
  days: z.number().int().min(1).max(3650).nullable(),
  reason: Reason.optional(),
});
/** A token as lists show it, never its secret. */
export const TokenView = z.object({
  id: Id,
  name: z.string(),
  scopes: z.array(z.string()),
  state: z.enum(["valid", "expired", "revoked"]),
  createdBy: z.string(),
  createdAt: z.string(),
  expiresAt: z.string().nullable(),
  revokedAt: z.string().nullable(),
  /** To within a minute; null: never. */
  lastUsedAt: z.string().nullable(),
});
export type TokenView = z.infer<typeof TokenView>;
/** A new token with its secret, which is shown this once. */
export const TokenAdded = TokenView.extend({ secret: z.string() });

/** A person with everything by which they come in. */
export const PersonDetail = PersonView.extend({
  /** Names that the person had before, the latest first. */
  formerNames: z.array(z.string()),
  identities: z.array(PersonIdentity),
  openSessions: z.array(OpenSession),
  validTokens: z.array(TokenView),
});
export type PersonDetail = z.infer<typeof PersonDetail>;

/** What ended for a person. */
export const Ended = z.object({ sessions: z.number().int(), tokens: z.number().int() });
/** A person after a change, and what ended because of it. */
export const PersonChanged = PersonDetail.extend({ ended: Ended });
export type PersonChanged = z.infer<typeof PersonChanged>;

/** A key whose signatures on releases count here. */
export const KeyView = z.object({
  keyId: z.string(),
  name: z.string(),
  publicKey: z.string(),
  createdAt: z.string(),
  /** "retiring": no new release from `retiresAt` on; "retired": that time is past. What it released stays good. "revoked": nothing is. */
  state: z.enum(["trusted", "retiring", "retired", "revoked"]),
  retiresAt: z.string().nullable(),
  revokedAt: z.string().nullable(),
  revokedReason: z.string().nullable(),
  /** Releases that may be flashed and carry its signature. */
  released: z.number().int(),
  /** Drafts and canaries with its signature: they must be released before it retires. */
  unreleased: z.number().int(),
});
export type KeyView = z.infer<typeof KeyView>;

/** From `at` on a key signs no new releases; default: now. Null: it does not retire. */
export const RetireKeyRequest = z.object({ at: Timestamp.nullable().optional(), reason: Reason });

/** What the revocation of a key would hit, or has hit. */
export const KeyRadius = z.object({
  key: KeyView,
  /** Keys that would still sign new releases. */
  others: z.number().int(),
  /** Its releases that may be flashed now, canaries too: revoked with the key. */
  releases: z.array(
    z.object({
      id: Id,
      product: z.string(),
      version: z.string(),
      state: z.string(),
      /** Units that have it and keep it. */
      passed: z.number().int(),
      /** Units in work: they come to their end once something was erased. */
      inWork: z.number().int(),
      channels: z.array(z.string()),
      /** Open orders that name it: they take no more units. */
      orders: z.array(
        z.object({ number: z.string(), left: z.number().int(), stations: z.array(z.string()) }),
      ),
    }),
  ),
  /** Its drafts: they can never be released. */
  drafts: z.array(z.object({ id: Id, product: z.string(), version: z.string() })),
});
export type KeyRadius = z.infer<typeof KeyRadius>;
