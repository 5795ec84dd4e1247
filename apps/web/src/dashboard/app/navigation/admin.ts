import type { NavGroup } from "./entry.ts";

export const admin: NavGroup = {
  name: "Admin",
  entries: [
    { to: "/people", icon: "people", name: "People", needs: "people" },
    { to: "/keys", icon: "key", name: "Keys and tokens", needs: "keys" },
    { to: "/audit", icon: "audit", name: "Audit", needs: "audit" },
    { to: "/settings", icon: "gear", name: "Settings", needs: "addPlant" },
  ],
};
