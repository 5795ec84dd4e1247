import {
  BadgeKeyView,
  BadgeView,
  KeyRadius,
  KeyView,
  type OpenSession,
  PersonDetail,
  TokenView,
} from "@flashline/contract";
import { ago, id } from "./basics.ts";

const session = (person: string, role: string, number: number): OpenSession => ({
  id: id(13, number),
  person,
  role,
  address: `10.3.7.${20 + number}`,
  since: ago(7_000 * number),
  lastUsedAt: ago(60 * number),
  endsAt: ago(-30_000),
  current: number === 1,
});

const token = (number: number, name: string, state: string, ...scopes: string[]) =>
  TokenView.parse({
    id: id(14, number),
    name,
    scopes,
    state,
    createdBy: "dana",
    createdAt: ago(900_000 * number),
    expiresAt: number === 1 ? null : ago(-20_000_000),
    revokedAt: state === "revoked" ? ago(90_000) : null,
    lastUsedAt: number === 3 ? null : ago(40 * number),
  });
export const tokens = [
  token(1, "ci-firmware", "valid", "releases:publish", "releases:promote"),
  token(2, "mes", "valid", "orders:write", "feed:read", "read"),
  token(3, "old-mes", "revoked", "orders:write"),
];

export const people = [
  ["anna", "admin", null, ["password"], null],
  ["dana", "admin", null, ["password", "provider"], null],
  ["erika", "engineer", "Graz", ["password"], null],
  ["olaf", "operator", "Graz", ["badge"], null],
  ["petra", "operator-lead", "Graz", ["password", "badge"], null],
  ["ci", "firmware", null, ["provider"], null],
  ["uwe", "operator", "Graz", [], ago(500_000)],
].map(([name, role, plant, ways, disabledAt], number) =>
  PersonDetail.parse({
    id: id(15, number),
    name,
    role,
    plant,
    ways,
    disabledAt,
    createdAt: ago(9_000_000 + number * 300_000),
    sessions: number < 3 ? 1 : 0,
    tokens: name === "dana" ? 2 : 0,
    formerNames: name === "dana" ? ["d.huber"] : [],
    identities:
      name === "dana"
        ? [
            {
              issuer: "https://login.example.com/realms/plant",
              subject: "00u8k2fw",
              since: ago(99_000),
            },
          ]
        : [],
    openSessions: number < 3 ? [session(String(name), String(role), number + 1)] : [],
    validTokens: name === "dana" ? tokens.slice(0, 2) : [],
  }),
);

export const badges = [
  ["olaf", "operator", null],
  ["petra", "operator-lead", null],
  ["uwe", "operator", "lost"],
].map(([person, role, endedAs], number) =>
  BadgeView.parse({
    id: id(16, number),
    person,
    role,
    plant: "Graz",
    generation: 1,
    readable: number !== 1,
    givenBy: "dana",
    givenAt: ago(2_000_000),
    lastUsedAt: ago(400),
    endedAs,
    endedBy: endedAs === null ? null : "petra",
    endedAt: endedAs === null ? null : ago(50_000),
    endReason: endedAs === null ? null : "in the train",
  }),
);
export const badgeKeys = [
  {
    generation: 2,
    reason: "yearly",
    madeBy: "dana",
    madeAt: ago(90_000),
    retiredAt: null,
    badges: 1,
  },
  {
    generation: 1,
    reason: "first",
    madeBy: "server",
    madeAt: ago(9e6),
    retiredAt: null,
    badges: 1,
  },
].map((key) => BadgeKeyView.parse(key));

export const keys = [
  ["firmware 2027", "A1B2C3D4E5F60718", "trusted", 2, 1],
  ["firmware 2026", "77E0AA0214F3C911", "retiring", 1, 0],
  ["lost laptop", "0C44D1E2B3A49586", "revoked", 0, 0],
].map(([name, keyId, state, released, unreleased]) =>
  KeyView.parse({
    name,
    keyId,
    state,
    released,
    unreleased,
    publicKey:
      "untrusted comment: minisign public key\nRWQf6LRCGA9i53mlYecO4IzT51TGPpvWucNSCh1CBM0QTaLn73Y7GFO3\n",
    createdAt: ago(30_000_000),
    retiresAt: state === "retiring" ? ago(-4_000_000) : null,
    revokedAt: state === "revoked" ? ago(800_000) : null,
    revokedReason: state === "revoked" ? "laptop stolen" : null,
  }),
);
export const keyRadius = KeyRadius.parse({
  key: keys[0],
  others: 1,
  releases: [
    {
      id: id(6, 2),
      product: "MC-2",
      version: "2.8.1",
      state: "released",
      passed: 418,
      inWork: 5,
      channels: ["stable"],
      orders: [{ number: "WO-20418", left: 182, stations: ["L3-02", "L3-04"] }],
    },
  ],
  drafts: [{ id: id(6, 0), product: "MC-2", version: "2.9.0" }],
});

export const ownSessions = [session("dana", "admin", 1), session("dana", "admin", 2)];
