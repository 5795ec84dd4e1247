import type { NavGroup } from "./entry.ts";
import { FlaggedHosts } from "./FlaggedHosts.tsx";

export const analyse: NavGroup = {
  name: "Analyse",
  entries: [
    { to: "/yield", icon: "chart", name: "Yield" },
    { to: "/hosts", icon: "host", name: "Hosts", mark: FlaggedHosts },
    { to: "/units", icon: "chip", name: "Units" },
    { to: "/attempts", icon: "list", name: "Attempts" },
  ],
};
