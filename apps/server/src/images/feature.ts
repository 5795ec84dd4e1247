import type { Feature } from "../feature.ts";
import type { App } from "../http/server.ts";
import type { Platform } from "../platform.ts";

export function imagesFeature(_app: App, _platform: Platform): Feature {
  return { handlers: {} };
}
