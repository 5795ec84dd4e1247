import { fileURLToPath } from "node:url";
import react from "@vitejs/plugin-react";
import { defaultClientConditions, type UserConfig } from "vite";
import { compressed } from "./vite.compress.ts";

/** The two pages: one from the server, one from the agent on the line PC. */
export const PAGES = ["dashboard", "station"] as const;
export type Page = (typeof PAGES)[number];

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** One page is one Vite project of its own, so that the station page carries nothing of the dashboard. */
export function pageConfig(page: Page): UserConfig {
  return {
    root: here(`./src/${page}`),
    base: "/",
    publicDir: false,
    cacheDir: here(`./node_modules/.vite/${page}`),
    // The station page comes from its own PC.
    plugins: [react(), ...(page === "dashboard" ? [compressed()] : [])],
    resolve: { conditions: ["source", ...defaultClientConditions] },
    build: {
      outDir: here(`./dist/${page}`),
      emptyOutDir: true,
      assetsInlineLimit: 0,
      chunkSizeWarningLimit: 700,
      // Modules run in the order of their imports, whatever file they came into: strict-policy.ts is to be the first.
      rolldownOptions: { output: { strictExecutionOrder: true } },
    },
  };
}
