import { DASHBOARD_PAGES } from "@flashline/contract";
import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { z } from "zod";
import { root } from "../root.tsx";
import { text } from "./search.ts";

export const analyseRoutes = [
  createRoute({
    getParentRoute: () => root,
    path: DASHBOARD_PAGES.yield,
    validateSearch: z.object({ product: text, plant: text }),
    component: lazyRouteComponent(() => import("../../yield/YieldPage.tsx"), "YieldPage"),
  }),
  createRoute({
    getParentRoute: () => root,
    path: DASHBOARD_PAGES.hosts,
    validateSearch: z.object({ host: text }),
    component: lazyRouteComponent(() => import("../../hosts/HostsPage.tsx"), "HostsPage"),
  }),
  createRoute({
    getParentRoute: () => root,
    path: DASHBOARD_PAGES.units,
    validateSearch: z.object({ search: text, state: text }),
    component: lazyRouteComponent(() => import("../../units/UnitsPage.tsx"), "UnitsPage"),
  }),
  createRoute({
    getParentRoute: () => root,
    path: DASHBOARD_PAGES.unit,
    component: lazyRouteComponent(() => import("../../units/UnitPage.tsx"), "UnitPage"),
  }),
  createRoute({
    getParentRoute: () => root,
    path: DASHBOARD_PAGES.attempts,
    validateSearch: z.object({
      outcome: z.enum(["PASS", "FAIL"]).optional().catch(undefined),
      station: text,
      host: text,
      operator: text,
    }),
    component: lazyRouteComponent(() => import("../../attempts/AttemptsPage.tsx"), "AttemptsPage"),
  }),
  createRoute({
    getParentRoute: () => root,
    path: DASHBOARD_PAGES.attempt,
    component: lazyRouteComponent(() => import("../../attempts/AttemptPage.tsx"), "AttemptPage"),
  }),
] as const;
