import { createRouter } from "@tanstack/react-router";
import { Loading } from "../parts/states.tsx";
import { PageError } from "./PageError.tsx";
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

/** While a page's code comes. */
const Pending = () => (
  <main>
    <Loading lines={8} />
  </main>
);

function textOf(search: Record<string, unknown>): string {
  const query = new URLSearchParams();
  for (const [key, value] of Object.entries(search)) {
    if (value !== undefined && value !== null) query.set(key, String(value));
  }
  return query.size === 0 ? "" : `?${query}`;
}

export const router = createRouter({
  routeTree: root.addChildren(pages),
  // A value is the text that stands there: "2.10" is a release and "20418" an order, no numbers.
  parseSearch: (search) => Object.fromEntries(new URLSearchParams(search)),
  stringifySearch: textOf,
  // The page's code, once somebody means to open it.
  defaultPreload: "intent",
  defaultPendingComponent: Pending,
  defaultErrorComponent: PageError,
  scrollRestoration: true,
});

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}
