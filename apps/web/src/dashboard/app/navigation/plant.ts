import type { NavGroup } from "./entry.ts";

export const plant: NavGroup = {
  name: "Plant",
  entries: [
    { to: "/stations", icon: "station", name: "Stations" },
    { to: "/products", icon: "box", name: "Products" },
    { to: "/golden", icon: "check", name: "Golden units" },
  ],
};
