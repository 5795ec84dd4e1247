import { createRouter } from "@tanstack/react-router";
import { Loading } from "../parts/states.tsx";
import { root } from "./root.tsx";
import { adminRoutes } from "./routes/admin.tsx";
import { analyseRoutes } from "./routes/analyse.tsx";
import { liveRoutes } from "./routes/live.tsx";
import { makeRoutes } from "./routes/make.tsx";
import { plantRoutes } from "./routes/plant.tsx";

/** Each group of pages adds its own; each page is loaded when it is first opened. */
const pages = [
  ...liveRoutes,
  ...analyseRoutes,
  ...makeRoutes,
  ...plantRoutes,
  ...adminRoutes,
] as const;

export const router = createRouter({
  routeTree: root.addChildren(pages),
  // The page's code, once somebody means to open it.
  defaultPreload: "intent",
  defaultPendingComponent: Loading,
  scrollRestoration: true,
});

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}
