import { createHash } from "node:crypto";
import { Grant, type SignedGrant } from "@flashline/contract";
import {
  formatPublicKey,
  generateKeyPair,
  publicKeyOf,
  secretKeyOf,
  signMinisig,
} from "@flashline/signing";
import { v7 as uuid7 } from "uuid";
import type { Journal } from "../journal/journal.ts";
import type { Reading } from "./clock.ts";
import { type GrantsOptions, openGrants } from "./grants.ts";
import { openKept } from "./kept.ts";
import { readyGrant } from "./ready.ts";

const STATION_ID = "019f0000-0000-7000-8000-0000000000aa";
const firmware = generateKeyPair();
const server = secretKeyOf(Buffer.alloc(32, 7));

const MANIFEST = {
  schema: 1,
  product: "MC-2",
  chip: "STM32F407",
  version: "1.0.0",
  counter: 1,
  images: [{ name: "app.bin", sha256: "1".repeat(64), size: 10, address: 0x0800_0000 }],
};

export interface TestGrant {
  readonly units?: number;
  readonly hours?: number;
  /** In the manifest. */
  readonly expiresAt?: string;
  /** When the server signed it, milliseconds. */
  readonly from?: number;
  readonly change?: Partial<Grant>;
}

/** A grant as a server gives it. */
export function signedGrant(options: TestGrant = {}): SignedGrant {
  const { units = 3, hours = 8, from = Date.now(), expiresAt } = options;
  const manifest = Buffer.from(
    JSON.stringify({ ...MANIFEST, ...(expiresAt === undefined ? {} : { expiresAt }) }),
  );
  const grant = Grant.parse({
    type: "flashline-grant",
    schema: 1,
    id: uuid7(),
    stationId: STATION_ID,
    order: "WO-1",
    product: "MC-2",
    version: "1.0.0",
    imageSha256: ["1".repeat(64)],
    units,
    manifestSha256: createHash("sha256").update(manifest).digest("hex"),
    from: new Date(from).toISOString(),
    until: new Date(from + hours * 3_600_000).toISOString(),
    serialPattern: "MC2-[0-9]{6}",
    nests: ["1", "2"],
    barred: ["MC2-000666"],
    retestLimit: 3,
    virtualAllowed: true,
    numbers: [],
    ...options.change,
  });
  const statement = JSON.stringify(grant);
  return {
    statement,
    signature: signMinisig(Buffer.from(statement), server, { trustedComment: "grant" }),
    manifest: manifest.toString("base64"),
    manifestSignature: signMinisig(manifest, firmware.secretKey, { trustedComment: "release" }),
    images: MANIFEST.images.map((image) => ({ ...image })),
  };
}

/** Clocks that a test sets. */
export interface TestClocks {
  wall: number;
  uptime: number;
  bootId: string;
}

/** Of the server that signs them. */
export const testGrantKey = (): string => formatPublicKey(publicKeyOf(server));

/** What a station checks a grant by. With "" it has got no key of the server. */
export const checksWith = (key = testGrantKey()) => ({
  stationId: STATION_ID,
  station: "L3-01",
  plant: () => "Graz",
  key: () => (key === "" ? undefined : key),
  pinnedKeys: () => Promise.resolve([firmware.publicKey]),
});

/** The grants of a station in a folder, as one life of the agent has them. */
export async function grantsIn(
  dataDir: string,
  journal: Journal,
  clocks: TestClocks,
  more: Partial<GrantsOptions> = {},
) {
  const kept = await openKept(dataDir);
  const reading = (): Reading => ({ ...clocks });
  const checks = checksWith();
  const grants = await openGrants({
    ...checks,
    kept,
    journal,
    reading,
    onChange: () => undefined,
    ...more,
  });
  return {
    kept,
    grants,
    /** As if the server had just given it. */
    async give(signed: SignedGrant): Promise<void> {
      await grants.replace(await readyGrant(signed, { elapsed: 0, ...clocks }, checks), false);
    },
  };
}
