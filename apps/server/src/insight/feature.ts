import type { Feature } from "../feature.ts";
import type { App } from "../http/server.ts";
import type { Platform } from "../platform.ts";

export function insightFeature(_app: App, _platform: Platform): Feature<"insight"> {
  return { handlers: { insight: () => Promise.resolve() } };
}
