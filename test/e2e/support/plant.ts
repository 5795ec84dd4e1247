import { createHash } from "node:crypto";
import { type SecretKey, signMinisig } from "@flashline/signing";
import { zoneWhereItIs } from "../../grown/zone.ts";
import { type Rig, until } from "./rig.ts";

export const LINE = "L3";
export const PRODUCT = "MC-2";
/** Another product at the same plant: only units on its list, and no virtual ones. */
export const LISTED_PRODUCT = "FAN-2";
/** No midnight comes while a test looks at what was made today. */
export const MIDDAY = 12;
export const FIRMWARE_ADDRESS = 0x0800_0000;

/** A firmware whose every byte depends on its place; the vector table's first words are plausible. */
export function firmware(size: number, salt: number): Buffer {
  const bytes = Buffer.alloc(size);
  for (let at = 0; at < size; at += 1) bytes[at] = (at * 31 + (at >> 8) + salt) & 0xff;
  bytes.writeUInt32LE(0x2000_4000, 0);
  bytes.writeUInt32LE(FIRMWARE_ADDRESS + 0x101, 4);
  return bytes;
}

/**
 * A plant with one line and two products: one accepts virtual units and serials MC2-000000 to MC2-999999, the other only what is
 * on its list, FAN-000001.
 */
export async function addPlant({ api }: Rig): Promise<void> {
  await api("addPlant", { body: { name: "Graz", timeZone: zoneWhereItIs(MIDDAY) } });
  await api("addLine", { body: { name: LINE, plant: "Graz" } });
  await api("addProduct", {
    body: {
      name: PRODUCT,
      title: "Motor controller",
      chip: "STM32F407",
      serialPattern: "MC2-[0-9]{6}",
      registration: "pattern",
      allowVirtual: true,
    },
  });
  const listed = { name: LISTED_PRODUCT, chip: "STM32F407", serialPattern: "FAN-[0-9]{6}" };
  await api("addProduct", { body: listed });
  await api("addUnits", { body: { product: LISTED_PRODUCT, serials: ["FAN-000001"] } });
}

export interface TestRelease {
  readonly id: string;
  readonly version: string;
  readonly image: Buffer;
}

/** Publishes, waits for the server's check and promotes. `more` goes into the manifest. */
export async function addRelease(
  { api, secretKey }: Rig,
  version: string,
  counter: number,
  image: Buffer,
  key: SecretKey = secretKey,
  product: string = PRODUCT,
  more: Readonly<Record<string, unknown>> = {},
): Promise<TestRelease> {
  const sha256 = createHash("sha256").update(image).digest("hex");
  const manifest = Buffer.from(
    JSON.stringify({
      schema: 1,
      product,
      chip: "STM32F407",
      version,
      counter,
      images: [{ name: "app.bin", sha256, size: image.length, address: FIRMWARE_ADDRESS }],
      ...more,
    }),
  );
  await api("uploadImage", { body: image });
  const signature = signMinisig(manifest, key, { trustedComment: `${product} ${version}` });
  const body = { manifest: manifest.toString("base64"), signature };
  const { id } = (await api("publish", { body })).body;
  await until("the release is checked", async () => {
    const { body: release } = await api("release", { params: { id } });
    return release.check === "pending" ? undefined : release;
  });
  await api("promote", { params: { id } });
  return { id, version, image };
}

/** What the server has on record for the unit. */
export async function unitOf({ api }: Rig, serial: string) {
  const { body } = await api("units", { query: { search: serial, limit: 5 } });
  const found = body.find((unit) => unit.serial === serial);
  if (found === undefined) return undefined;
  return (await api("unit", { params: { id: found.id } })).body;
}
