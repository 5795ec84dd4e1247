import { z } from "zod";
import { Id } from "../common.ts";
import { StationView, UnitDetail, UnitView } from "../dashboard.ts";
import {
  EnrolmentToken,
  LineRequest,
  PlantRequest,
  ProductRequest,
  ProductView,
  StationRequest,
  UnitsAdded,
  UnitsRequest,
  WorkOrderRequest,
  WorkOrderView,
} from "../plant.ts";
import { byId, type Endpoint, engineers, installers, page, people, read } from "./endpoint.ts";

/** The plant and what it makes. */
export const PLANT_ENDPOINTS = {
  addPlant: {
    method: "POST",
    path: "/v1/plants",
    summary: "Add a plant",
    access: installers,
    body: PlantRequest,
    answers: { 201: z.object({ id: Id }) },
  },
  addLine: {
    method: "POST",
    path: "/v1/lines",
    summary: "Add a line",
    access: installers,
    body: LineRequest,
    answers: { 201: z.object({ id: Id }) },
  },
  addStation: {
    method: "POST",
    path: "/v1/stations",
    summary: "Add a station, or give it a new enrolment token",
    access: installers,
    body: StationRequest,
    answers: { 201: EnrolmentToken },
  },
  stations: {
    method: "GET",
    path: "/v1/stations",
    summary: "Stations and nests as they are now",
    access: read,
    answers: { 200: z.array(StationView) },
  },
  addKey: {
    method: "POST",
    path: "/v1/keys",
    summary: "Trust a release key",
    access: people(["admin"]),
    body: z.object({ name: z.string().min(1).max(120), publicKey: z.string().max(400) }),
    answers: { 201: z.object({ keyId: z.string() }) },
  },
  addProduct: {
    method: "POST",
    path: "/v1/products",
    summary: "Add a product",
    access: engineers,
    body: ProductRequest,
    answers: { 201: ProductView },
  },
  products: {
    method: "GET",
    path: "/v1/products",
    summary: "Products",
    access: read,
    answers: { 200: z.array(ProductView) },
  },
  addUnits: {
    method: "POST",
    path: "/v1/units",
    summary: "Register serial numbers",
    access: engineers,
    body: UnitsRequest,
    answers: { 200: UnitsAdded },
  },
  units: {
    method: "GET",
    path: "/v1/units",
    summary: "Find units",
    access: read,
    query: page.extend({
      search: z.string().max(64).optional(),
      state: z.string().max(20).optional(),
    }),
    answers: { 200: z.array(UnitView) },
  },
  unit: {
    method: "GET",
    path: "/v1/units/:id",
    summary: "One unit with all its attempts",
    access: read,
    params: byId,
    answers: { 200: UnitDetail },
  },
  addWorkOrder: {
    method: "POST",
    path: "/v1/work-orders",
    summary: "Create a work order and set it at stations",
    access: engineers,
    body: WorkOrderRequest,
    answers: { 201: WorkOrderView },
  },
  workOrders: {
    method: "GET",
    path: "/v1/work-orders",
    summary: "Work orders",
    access: read,
    answers: { 200: z.array(WorkOrderView) },
  },
  closeWorkOrder: {
    method: "POST",
    path: "/v1/work-orders/:id/close",
    summary: "Close a work order",
    access: engineers,
    params: byId,
    answers: { 200: WorkOrderView },
  },
} as const satisfies Record<string, Endpoint>;
