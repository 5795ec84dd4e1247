import type { Plugin } from "vite";
export function dashboardFixture(): Plugin {
  return { name: "flashline-dashboard-fixture" };
}
