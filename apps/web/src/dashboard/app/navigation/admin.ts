import type { NavGroup } from "./entry.ts";

export const admin: NavGroup = { name: "Admin", entries: [] };
