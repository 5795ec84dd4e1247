import type { NavGroup } from "./entry.ts";

export const make: NavGroup = {
  name: "Make",
  entries: [
    { to: "/releases", icon: "release", name: "Releases" },
    { to: "/work-orders", icon: "order", name: "Work orders" },
    { to: "/plans", icon: "table", name: "Plans" },
  ],
};
