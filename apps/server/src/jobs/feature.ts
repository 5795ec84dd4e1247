import type { Feature } from "../feature.ts";
import type { App } from "../http/server.ts";
import type { Platform } from "../platform.ts";

export function jobsFeature(_app: App, _platform: Platform): Feature<"flash"> {
  return { handlers: { flash: () => Promise.resolve() } };
}
