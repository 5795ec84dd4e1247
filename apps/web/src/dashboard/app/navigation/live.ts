import type { NavGroup } from "./entry.ts";
import { OpenAlarms } from "./OpenAlarms.tsx";

export const live: NavGroup = {
  name: "Live",
  entries: [
    { to: "/", icon: "station", name: "Line" },
    { to: "/alarms", icon: "bell", name: "Alarms", mark: OpenAlarms },
  ],
};
