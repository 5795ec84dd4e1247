import type { NavGroup } from "./entry.ts";

export const live: NavGroup = {
  name: "Live",
  entries: [{ to: "/", icon: "station", name: "Line" }],
};
