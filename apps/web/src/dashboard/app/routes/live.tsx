import { ALARM_RULE_NAMES, DASHBOARD_PAGES } from "@flashline/contract";
import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { z } from "zod";
import { root } from "../root.tsx";
import { text } from "./search.ts";

export const liveRoutes = [
  createRoute({
    getParentRoute: () => root,
    path: DASHBOARD_PAGES.line,
    validateSearch: z.object({
      plant: text,
      line: text,
      // Alone in the address: "/?wall".
      wall: z.string().optional().catch(undefined),
    }),
    component: lazyRouteComponent(() => import("../../line/LinePage.tsx"), "LinePage"),
  }),
  createRoute({
    getParentRoute: () => root,
    path: DASHBOARD_PAGES.alarms,
    validateSearch: z.object({
      state: z.enum(["open", "over", "all"]).optional().catch(undefined),
      rule: z.enum(ALARM_RULE_NAMES).optional().catch(undefined),
    }),
    component: lazyRouteComponent(() => import("../../alarms/AlarmsPage.tsx"), "AlarmsPage"),
  }),
  createRoute({
    getParentRoute: () => root,
    path: DASHBOARD_PAGES.alarmRules,
    component: lazyRouteComponent(() => import("../../alarms/RulesPage.tsx"), "RulesPage"),
  }),
] as const;
