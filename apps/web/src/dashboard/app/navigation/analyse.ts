import type { NavGroup } from "./entry.ts";
import { FlaggedHosts } from "./FlaggedHosts.tsx";

export const analyse: NavGroup = {
  name: "Analyse",
  entries: [
    { to: "/yield", icon: "chart", name: "Yield", selects: true },
    { to: "/hosts", icon: "host", name: "Hosts", mark: FlaggedHosts },
    { to: "/units", icon: "chip", name: "Units", selects: true },
    { to: "/attempts", icon: "list", name: "Attempts", selects: true },
  ],
};
