import {
  AttemptSort,
  DASHBOARD_PAGES,
  ListedSelection,
  UNIT_STATES,
  UnitSort,
  YieldQuery,
} from "@flashline/contract";
import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { z } from "zod";
import { selectionSearch } from "../../selection/selection.ts";
import { root } from "../root.tsx";
import { text } from "./search.ts";

const only = ListedSelection.shape.only.catch(undefined);

export const analyseRoutes = [
  createRoute({
    getParentRoute: () => root,
    path: DASHBOARD_PAGES.yield,
    validateSearch: z.object({
      ...selectionSearch,
      by: YieldQuery.shape.by.catch(undefined),
      against: YieldQuery.shape.against.catch(undefined),
    }),
    component: lazyRouteComponent(() => import("../../yield/YieldPage.tsx"), "YieldPage"),
  }),
  createRoute({
    getParentRoute: () => root,
    path: DASHBOARD_PAGES.hosts,
    component: lazyRouteComponent(() => import("../../hosts/HostsPage.tsx"), "HostsPage"),
  }),
  createRoute({
    getParentRoute: () => root,
    path: DASHBOARD_PAGES.host,
    component: lazyRouteComponent(() => import("../../hosts/HostPage.tsx"), "HostPage"),
  }),
  createRoute({
    getParentRoute: () => root,
    path: DASHBOARD_PAGES.units,
    validateSearch: z.object({
      ...selectionSearch,
      only,
      search: text,
      state: z.enum(UNIT_STATES).optional().catch(undefined),
      sort: UnitSort.optional().catch(undefined),
    }),
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
      ...selectionSearch,
      only,
      sort: AttemptSort.optional().catch(undefined),
    }),
    component: lazyRouteComponent(() => import("../../attempts/AttemptsPage.tsx"), "AttemptsPage"),
  }),
  createRoute({
    getParentRoute: () => root,
    path: DASHBOARD_PAGES.attempt,
    component: lazyRouteComponent(() => import("../../attempts/AttemptPage.tsx"), "AttemptPage"),
  }),
] as const;
