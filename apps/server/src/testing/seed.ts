import { createHash } from "node:crypto";
import { Readable } from "node:stream";
import { Recipe, viewRecipe } from "@flashline/contract";
import { formatPublicKey, generateKeyPair, type SecretKey, signMinisig } from "@flashline/signing";
import { hashSecret, newSecret, SecretKind } from "../auth/secrets.ts";
import { newId } from "../ids.ts";
import type { Platform } from "../platform.ts";

export interface SeededStation {
  readonly id: string;
  readonly name: string;
  readonly credential: string;
  readonly machine: string;
  /** By name, "A" first. */
  readonly nests: readonly {
    readonly id: string;
    readonly name: string;
    readonly portPath: string;
  }[];
}

/** A small plant that can flash: everything that a job needs, in the database as the server itself would have written it. */
export interface Seed {
  readonly plantId: string;
  readonly lineId: string;
  readonly station: SeededStation;
  readonly productId: string;
  readonly product: string;
  readonly stepId: string;
  readonly releaseId: string;
  readonly version: string;
  readonly workOrderId: string;
  readonly workOrder: string;
  readonly quantity: number;
  readonly manifest: Buffer;
  readonly manifestSha256: string;
  readonly image: Buffer;
  readonly imageSha256: string;
  readonly secretKey: SecretKey;
}

export const SEED_NAMES = {
  plant: "Graz",
  line: "L3",
  station: "L3-01",
  product: "PSU-40",
  version: "1.0.0",
  workOrder: "WO-1",
} as const;

/** A station of the seeded line, enrolled, with nests A, B, … at ports 1-1, 1-2, …, set to work on `workOrderId`. */
export async function seedStation(
  { db }: Pick<Platform, "db">,
  lineId: string,
  name: string,
  nests: number,
  workOrderId: string | null,
): Promise<SeededStation> {
  const credential = newSecret(SecretKind.Station);
  const station: SeededStation = {
    id: newId(),
    name,
    credential,
    machine: `machine-${name}`,
    nests: Array.from({ length: nests }, (_, index) => ({
      id: newId(),
      name: String.fromCharCode(65 + index),
      portPath: `1-${index + 1}`,
    })),
  };
  await db.prisma.station.create({
    data: {
      id: station.id,
      name,
      lineId,
      machine: station.machine,
      hostname: name.toLowerCase(),
      credentialHash: hashSecret(credential),
      enrolledAt: new Date(),
      ...(workOrderId === null ? {} : { orders: { create: { workOrderId } } }),
      nests: { create: station.nests.map((nest) => ({ ...nest })) },
    },
  });
  return station;
}

/** An image that no accident produces: every byte depends on its place. */
export function sampleImage(size: number, salt = 0): Buffer {
  const bytes = Buffer.alloc(size);
  for (let at = 0; at < size; at += 1) bytes.writeUInt8((at * 31 + (at >> 8) + salt) & 0xff, at);
  // A vector table's first words: stack in RAM, reset handler in flash.
  bytes.writeUInt32LE(0x2000_4000, 0);
  bytes.writeUInt32LE(0x0800_0101, 4);
  return bytes;
}

export async function seed({ db, blobs }: Pick<Platform, "db" | "blobs">): Promise<Seed> {
  const { prisma } = db;
  const { publicKey, secretKey } = generateKeyPair();
  const image = sampleImage(8192);
  const { sha256: imageSha256 } = await blobs.put(Readable.from([image]), image.length);
  const manifest = Buffer.from(
    JSON.stringify({
      schema: 1,
      product: SEED_NAMES.product,
      boardRevisions: [],
      chip: "STM32F407",
      version: SEED_NAMES.version,
      counter: 1,
      images: [{ name: "app.bin", sha256: imageSha256, size: image.length, address: 0x0800_0000 }],
    }),
  );
  const ids = {
    plantId: newId(),
    lineId: newId(),
    productId: newId(),
    stepId: newId(),
    releaseId: newId(),
    workOrderId: newId(),
  };
  const manifestSha256 = createHash("sha256").update(manifest).digest("hex");
  await prisma.plant.create({
    data: {
      id: ids.plantId,
      name: SEED_NAMES.plant,
      timeZone: "Europe/Vienna",
      lines: { create: { id: ids.lineId, name: SEED_NAMES.line } },
    },
  });
  await prisma.signingKey.create({
    data: {
      id: newId(),
      keyId: publicKey.keyId,
      name: "firmware",
      publicKey: formatPublicKey(publicKey),
    },
  });
  await prisma.product.create({
    data: {
      id: ids.productId,
      name: SEED_NAMES.product,
      title: "Power supply",
      chip: "STM32F407",
      serialPattern: "^SN\\d{4,8}$",
      registration: "pattern",
      allowVirtual: true,
      steps: { create: { id: ids.stepId, name: "flash", position: 1 } },
    },
  });
  await prisma.image.create({
    data: { sha256: imageSha256, size: image.length, format: "raw", createdBy: "seed" },
  });
  await prisma.release.create({
    data: {
      id: ids.releaseId,
      productId: ids.productId,
      version: SEED_NAMES.version,
      counter: 1,
      chip: "STM32F407",
      boardRevisions: [],
      state: "released",
      check: "passed",
      manifest: new Uint8Array(manifest),
      manifestSha256,
      signature: signMinisig(manifest, secretKey, { trustedComment: "seed" }),
      keyId: publicKey.keyId,
      recipe: viewRecipe(Recipe.parse({})),
      createdBy: "seed",
      releasedAt: new Date(),
      images: { create: { position: 0, name: "app.bin", imageSha256, address: 0x0800_0000n } },
    },
  });
  const quantity = 100;
  await prisma.workOrder.create({
    data: {
      id: ids.workOrderId,
      number: SEED_NAMES.workOrder,
      productId: ids.productId,
      releaseId: ids.releaseId,
      stepId: ids.stepId,
      quantity,
      createdBy: "seed",
    },
  });
  const station = await seedStation({ db }, ids.lineId, SEED_NAMES.station, 4, ids.workOrderId);
  return {
    ...ids,
    station,
    product: SEED_NAMES.product,
    version: SEED_NAMES.version,
    workOrder: SEED_NAMES.workOrder,
    quantity,
    manifest,
    manifestSha256,
    image,
    imageSha256,
    secretKey,
  };
}
