import { DASHBOARD_PAGES, OrderSort, ReleaseSort } from "@flashline/contract";
import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { z } from "zod";
import { root } from "../root.tsx";
import { text } from "./search.ts";

export const makeRoutes = [
  createRoute({
    getParentRoute: () => root,
    path: DASHBOARD_PAGES.releases,
    validateSearch: z.object({ product: text, sort: ReleaseSort.optional().catch(undefined) }),
    component: lazyRouteComponent(() => import("../../releases/ReleasesPage.tsx"), "ReleasesPage"),
  }),
  createRoute({
    getParentRoute: () => root,
    path: DASHBOARD_PAGES.release,
    component: lazyRouteComponent(() => import("../../releases/ReleasePage.tsx"), "ReleasePage"),
  }),
  createRoute({
    getParentRoute: () => root,
    path: DASHBOARD_PAGES.workOrders,
    validateSearch: z.object({ sort: OrderSort.optional().catch(undefined) }),
    component: lazyRouteComponent(
      () => import("../../work-orders/WorkOrdersPage.tsx"),
      "WorkOrdersPage",
    ),
  }),
  createRoute({
    getParentRoute: () => root,
    path: DASHBOARD_PAGES.workOrder,
    component: lazyRouteComponent(
      () => import("../../work-orders/WorkOrderPage.tsx"),
      "WorkOrderPage",
    ),
  }),
  createRoute({
    getParentRoute: () => root,
    path: DASHBOARD_PAGES.plans,
    validateSearch: z.object({ plant: text, line: text, from: text }),
    component: lazyRouteComponent(() => import("../../plan/PlansPage.tsx"), "PlansPage"),
  }),
  createRoute({
    getParentRoute: () => root,
    path: DASHBOARD_PAGES.exceptions,
    component: lazyRouteComponent(
      () => import("../../releases/ExceptionsPage.tsx"),
      "ExceptionsPage",
    ),
  }),
] as const;
