import { DASHBOARD_PAGES } from "@flashline/contract";
import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { z } from "zod";
import { root } from "../root.tsx";
import { text } from "./search.ts";

/** Pages of those who run the server. */
export const adminRoutes = [
  createRoute({
    getParentRoute: () => root,
    path: DASHBOARD_PAGES.account,
    component: lazyRouteComponent(() => import("../../people/AccountPage.tsx"), "AccountPage"),
  }),
  createRoute({
    getParentRoute: () => root,
    path: DASHBOARD_PAGES.people,
    validateSearch: z.object({
      state: z.enum(["active", "disabled", "all"]).optional().catch(undefined),
    }),
    component: lazyRouteComponent(() => import("../../people/PeoplePage.tsx"), "PeoplePage"),
  }),
  createRoute({
    getParentRoute: () => root,
    path: DASHBOARD_PAGES.person,
    component: lazyRouteComponent(() => import("../../people/PersonPage.tsx"), "PersonPage"),
  }),
  createRoute({
    getParentRoute: () => root,
    path: DASHBOARD_PAGES.badges,
    component: lazyRouteComponent(() => import("../../people/BadgesPage.tsx"), "BadgesPage"),
  }),
  createRoute({
    getParentRoute: () => root,
    path: DASHBOARD_PAGES.keys,
    component: lazyRouteComponent(() => import("../../people/KeysPage.tsx"), "KeysPage"),
  }),
  createRoute({
    getParentRoute: () => root,
    path: DASHBOARD_PAGES.tokens,
    component: lazyRouteComponent(() => import("../../people/TokensPage.tsx"), "TokensPage"),
  }),
  createRoute({
    getParentRoute: () => root,
    path: DASHBOARD_PAGES.audit,
    validateSearch: z.object({
      kind: text,
      whoKind: z
        .enum(["person", "token", "station", "system", "nobody"])
        .optional()
        .catch(undefined),
      who: text,
      subject: text,
      from: text,
      to: text,
    }),
    component: lazyRouteComponent(() => import("../../audit/AuditPage.tsx"), "AuditPage"),
  }),
  createRoute({
    getParentRoute: () => root,
    path: DASHBOARD_PAGES.settings,
    component: lazyRouteComponent(() => import("../../settings/SettingsPage.tsx"), "SettingsPage"),
  }),
  createRoute({
    getParentRoute: () => root,
    path: DASHBOARD_PAGES.mail,
    component: lazyRouteComponent(() => import("../../settings/MailPage.tsx"), "MailPage"),
  }),
  createRoute({
    getParentRoute: () => root,
    path: DASHBOARD_PAGES.webhooks,
    component: lazyRouteComponent(() => import("../../settings/WebhooksPage.tsx"), "WebhooksPage"),
  }),
] as const;
