import { defineConfig } from "vite";
import { PAGES, pageConfig } from "./vite.pages.ts";

/** `vite build --mode dashboard` or `--mode station`. */
export default defineConfig(({ command, mode }) => {
  // A build started from a test run inherits NODE_ENV=test, which would ship React's development build.
  if (command === "build") process.env["NODE_ENV"] = "production";
  return pageConfig(PAGES.find((page) => page === mode) ?? "dashboard");
});
