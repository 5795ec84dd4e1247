import {
  ChannelView,
  LabelPreview,
  LabelView,
  LineView,
  PlantView,
  ProductView,
  RangeView,
} from "@flashline/contract";
import { ago, id } from "./basics.ts";

export const products = [
  ["MC-2", "Motor controller", "STM32F407", ["C", "D"], "MC2-[0-9]{6}", "pattern", 12_489],
  ["PSU-40", "Power supply 40 W", "STM32G071", [], "PSU-40-[0-9]{6}", "listed", 4_200],
  ["U2C", "USB to CAN", "STM32F072", ["A"], null, "listed", 310],
].map(([name, title, chip, boardRevisions, serialPattern, registration, units], number) =>
  ProductView.parse({
    id: id(9, number),
    name,
    title,
    chip,
    boardRevisions,
    serialPattern,
    registration,
    units,
    allowVirtual: number === 2,
    retestLimit: 3,
  }),
);

/** The label of a product, and what its preview answers. */
export const label = {
  ...LabelView.parse({
    product: "MC-2",
    template:
      "^XA^CI28\n^FO30,30^BY2^BCN,90^FD{serial}^FS\n^FO30,160^FD{product} {release}^FS\n^XZ",
    scanBack: "{serial}",
    placeholders: ["serial", "product", "release", "order", "revision", "station", "date", "mac"],
  }),
  ...LabelPreview.parse({
    zpl: "^XA^FO30,30^BY2^BCN,90^FDMC2-004832^FS^FO30,160^FDMC-2 2.8.1^FS^XZ",
    code: "MC2-004832",
    madeUp: [],
  }),
};

export const parts = [
  { name: "STM32F407", family: "F4", aliases: ["F407", "F405", "F415", "F417"] },
  { name: "STM32F072", family: "F0", aliases: ["F072", "F070", "F078"] },
  { name: "STM32G071", family: "G0", aliases: ["G071", "G081"] },
];

export const ranges = [
  ["mac", "mac", 0x70b3_d512_3000, 0x70b3_d512_3fff, 3_120],
  ["number", "counter", 1, 20_000, 812],
].map(([name, kind, first, last, left]) =>
  RangeView.parse({ product: "MC-2", name, kind, first, last, left }),
);

export const channels = [
  ["stable", "2.8.1", ["WO-20418", "WO-20422"]],
  ["pilot", null, []],
].map(([name, version, orders], number) =>
  ChannelView.parse({
    id: id(10, number),
    product: "MC-2",
    name,
    version,
    releaseId: version === null ? null : id(6, 2),
    reason: "for every customer",
    movedBy: version === null ? null : "dana",
    movedAt: version === null ? null : ago(40_000),
    createdBy: "dana",
    createdAt: ago(900_000),
    orders,
  }),
);

export const plants = [
  PlantView.parse({
    id: id(11, 0),
    name: "Graz",
    timeZone: "Europe/Vienna",
    shifts: [
      {
        name: "early",
        start: "06:00",
        end: "14:00",
        breaks: [
          { start: "09:00", end: "09:15" },
          { start: "12:00", end: "12:30" },
        ],
      },
      { name: "late", start: "14:00", end: "22:00" },
    ],
    lines: ["Line 3", "Rework"],
    stations: 5,
  }),
  PlantView.parse({
    id: id(11, 1),
    name: "Penang",
    timeZone: "Asia/Kuala_Lumpur",
    shifts: [],
    lines: ["P1"],
    stations: 0,
  }),
];

export const lines = [
  ["Line 3", "Graz", 5],
  ["Rework", "Graz", 0],
  ["P1", "Penang", 0],
].map(([name, plant, stations], number) =>
  LineView.parse({ id: id(12, number), name, plant, stations }),
);
