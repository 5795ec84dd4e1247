import { PlantView } from "@flashline/contract";
import { id } from "./basics.ts";

export const plants = [
  PlantView.parse({
    id: id(8, 1),
    name: "Graz",
    timeZone: "Europe/Vienna",
    shifts: [
      { name: "Early", start: "06:00", end: "14:00" },
      { name: "Late", start: "14:00", end: "22:00" },
      { name: "Night", start: "22:00", end: "06:00" },
    ],
    lines: ["Line 3"],
    stations: 5,
  }),
];
