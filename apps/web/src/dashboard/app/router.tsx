import { DASHBOARD_PAGES } from "@flashline/contract";
import { createRootRoute, createRoute, createRouter } from "@tanstack/react-router";
import { z } from "zod";
import { AttemptPage } from "../attempts/AttemptPage.tsx";
import { AttemptsPage } from "../attempts/AttemptsPage.tsx";
import { HostsPage } from "../hosts/HostsPage.tsx";
import { ReleasePage } from "../releases/ReleasePage.tsx";
import { ReleasesPage } from "../releases/ReleasesPage.tsx";
import { StationPage } from "../stations/StationPage.tsx";
import { StationsPage } from "../stations/StationsPage.tsx";
import { UnitPage } from "../units/UnitPage.tsx";
import { UnitsPage } from "../units/UnitsPage.tsx";
import { WorkOrdersPage } from "../work-orders/WorkOrdersPage.tsx";
import { YieldPage } from "../yield/YieldPage.tsx";
import { NotFound } from "./NotFound.tsx";
import { Shell } from "./Shell.tsx";

/** A part of the address that is not understood is left out rather than refused. */
const text = z.string().min(1).optional().catch(undefined);

const root = createRootRoute({ component: Shell, notFoundComponent: NotFound });
const pages = [
  createRoute({
    getParentRoute: () => root,
    path: DASHBOARD_PAGES.yield,
    component: YieldPage,
    validateSearch: z.object({ product: text, plant: text }),
  }),
  createRoute({
    getParentRoute: () => root,
    path: DASHBOARD_PAGES.stations,
    component: StationsPage,
  }),
  createRoute({
    getParentRoute: () => root,
    path: DASHBOARD_PAGES.station,
    component: StationPage,
  }),
  createRoute({
    getParentRoute: () => root,
    path: DASHBOARD_PAGES.units,
    component: UnitsPage,
    validateSearch: z.object({ search: text, state: text }),
  }),
  createRoute({ getParentRoute: () => root, path: DASHBOARD_PAGES.unit, component: UnitPage }),
  createRoute({
    getParentRoute: () => root,
    path: DASHBOARD_PAGES.attempts,
    component: AttemptsPage,
    validateSearch: z.object({
      outcome: z.enum(["PASS", "FAIL"]).optional().catch(undefined),
      station: text,
      host: text,
      operator: text,
    }),
  }),
  createRoute({
    getParentRoute: () => root,
    path: DASHBOARD_PAGES.attempt,
    component: AttemptPage,
  }),
  createRoute({
    getParentRoute: () => root,
    path: DASHBOARD_PAGES.releases,
    component: ReleasesPage,
    validateSearch: z.object({ product: text }),
  }),
  createRoute({
    getParentRoute: () => root,
    path: DASHBOARD_PAGES.release,
    component: ReleasePage,
  }),
  createRoute({
    getParentRoute: () => root,
    path: DASHBOARD_PAGES.workOrders,
    component: WorkOrdersPage,
  }),
  createRoute({
    getParentRoute: () => root,
    path: DASHBOARD_PAGES.hosts,
    component: HostsPage,
    validateSearch: z.object({ host: text }),
  }),
] as const;

export const router = createRouter({
  routeTree: root.addChildren(pages),
  defaultPreload: false,
  scrollRestoration: true,
});

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}
