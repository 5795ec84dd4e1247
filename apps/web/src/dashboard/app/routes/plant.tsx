import { DASHBOARD_PAGES } from "@flashline/contract";
import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { root } from "../root.tsx";

export const plantRoutes = [
  createRoute({
    getParentRoute: () => root,
    path: DASHBOARD_PAGES.stations,
    component: lazyRouteComponent(() => import("../../stations/StationsPage.tsx"), "StationsPage"),
  }),
  createRoute({
    getParentRoute: () => root,
    path: DASHBOARD_PAGES.station,
    component: lazyRouteComponent(() => import("../../stations/StationPage.tsx"), "StationPage"),
  }),
  createRoute({
    getParentRoute: () => root,
    path: DASHBOARD_PAGES.products,
    component: lazyRouteComponent(() => import("../../products/ProductsPage.tsx"), "ProductsPage"),
  }),
  createRoute({
    getParentRoute: () => root,
    path: DASHBOARD_PAGES.product,
    component: lazyRouteComponent(() => import("../../products/ProductPage.tsx"), "ProductPage"),
  }),
  createRoute({
    getParentRoute: () => root,
    path: DASHBOARD_PAGES.golden,
    component: lazyRouteComponent(() => import("../../golden/GoldenPage.tsx"), "GoldenPage"),
  }),
] as const;
