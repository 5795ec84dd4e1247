import { ProductView } from "../plant.ts";
import { RepairRequest, RetestLimitRequest, ReworkRequest, UnitRework } from "../rework.ts";
import { byId, type Endpoint, engineers, leads } from "./endpoint.ts";

/** What people do about units that failed. Each answers the same again without an error. */
export const REWORK_ENDPOINTS = {
  repairUnit: {
    method: "POST",
    path: "/v1/units/:id/repairs",
    summary:
      "Record a repair after a failed attempt; the unit's failures until now do not count any more",
    access: leads("orders:write"),
    params: byId,
    body: RepairRequest,
    answers: { 200: UnitRework, 201: UnitRework },
  },
  allowRetest: {
    method: "POST",
    path: "/v1/units/:id/allow-retest",
    summary: "Let a unit that failed too often be tried once more",
    access: leads("orders:write"),
    params: byId,
    body: ReworkRequest,
    answers: { 200: UnitRework, 201: UnitRework },
  },
  scrapUnit: {
    method: "POST",
    path: "/v1/units/:id/scrap",
    summary: "Scrap a unit: it is not flashed any more",
    access: leads("orders:write"),
    params: byId,
    body: ReworkRequest,
    answers: { 200: UnitRework, 201: UnitRework },
  },
  unscrapUnit: {
    method: "POST",
    path: "/v1/units/:id/unscrap",
    summary: "Take back that a unit was scrapped",
    access: leads("orders:write"),
    params: byId,
    body: ReworkRequest,
    answers: { 200: UnitRework, 201: UnitRework },
  },
  setRetestLimit: {
    method: "POST",
    path: "/v1/products/:id/retest-limit",
    summary: "Say how often a unit may fail before a lead is asked",
    access: engineers,
    params: byId,
    body: RetestLimitRequest,
    answers: { 200: ProductView },
  },
} as const satisfies Record<string, Endpoint>;
