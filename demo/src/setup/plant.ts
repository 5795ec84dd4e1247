import type { Api } from "../api.ts";
import type { LinePc } from "./place.ts";
import { VERSION } from "./release.ts";
import type { DemoUnit } from "./units.ts";

const PLANT = "Vienna";
const LINE = "Line 1";
export const PRODUCT = "CAN-ADAPTER";
const WORK_ORDER = "WO-2631";

/** Plant, line and product; nothing of it is special to the demo but that the product accepts virtual units. */
export async function addPlant(api: Api, chip: string): Promise<void> {
  const shifts = [
    { name: "early", start: "06:00", end: "14:00" },
    { name: "late", start: "14:00", end: "22:00" },
    { name: "night", start: "22:00", end: "06:00" },
  ];
  await api("addPlant", { body: { name: PLANT, timeZone: "Europe/Vienna", shifts } });
  await api("addLine", { body: { name: LINE, plant: PLANT } });
  await api("addProduct", {
    body: {
      name: PRODUCT,
      title: "USB to CAN adapter (demo)",
      chip,
      boardRevisions: ["B", "C"],
      serialPattern: "CA-[0-9]{6}",
      registration: "listed",
      allowVirtual: true,
    },
  });
}

/** An address for every unit: locally administered ones (IEEE 802, 8.4), which no maker of products owns. */
export async function addAddresses(api: Api): Promise<void> {
  const first = 0x0200_0000_0001;
  await api("addRange", {
    body: { product: PRODUCT, name: "mac", kind: "mac", first, last: first + 0xffff },
  });
}

/** One station for each line PC; resolves with their one-time tokens. */
export async function addStations(
  api: Api,
  pcs: readonly LinePc[],
): Promise<ReadonlyMap<string, string>> {
  const tokens = new Map<string, string>();
  for (const { name } of pcs)
    tokens.set(name, (await api("addStation", { body: { name, line: LINE } })).body.token);
  return tokens;
}

/** Serial numbers as the board house delivered them, a batch at a time. */
export async function addUnits(api: Api, units: readonly DemoUnit[]): Promise<void> {
  for (const batch of new Set(units.map((unit) => unit.batch))) {
    const serials = units.filter((unit) => unit.batch === batch).map((unit) => unit.serial);
    await api("addUnits", { body: { product: PRODUCT, boardRevision: "C", batch, serials } });
  }
}

export async function addWorkOrder(
  api: Api,
  pcs: readonly LinePc[],
  quantity: number,
): Promise<void> {
  await api("addWorkOrder", {
    body: {
      number: WORK_ORDER,
      product: PRODUCT,
      version: VERSION,
      quantity,
      stations: pcs.map((pc) => pc.name),
    },
  });
}
