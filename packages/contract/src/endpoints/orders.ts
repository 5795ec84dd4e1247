import { z } from "zod";
import { Name, text } from "../common.ts";
import {
  OrderReleaseRequest,
  QuantityRequest,
  ReopenRequest,
  SetStationsRequest,
  WorkOrderDetail,
  WorkOrderRequest,
  WorkOrderView,
} from "../orders.ts";
import { OrderSort } from "../sorts.ts";
import { type Endpoint, engineers, longPage, read } from "./endpoint.ts";

/** By its id or its number. */
const ofOrder = z.object({ id: Name });

/** Work orders, and what may be changed of them while they run. */
export const ORDER_ENDPOINTS = {
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
    summary: "Work orders, the latest first",
    access: read,
    query: longPage.extend({ sort: OrderSort.optional() }),
    answers: { 200: z.array(WorkOrderView) },
  },
  workOrder: {
    method: "GET",
    path: "/v1/work-orders/:id",
    summary: "One work order by its id or number, with its place at each station",
    access: read,
    params: ofOrder,
    answers: { 200: WorkOrderDetail },
  },
  closeWorkOrder: {
    method: "POST",
    path: "/v1/work-orders/:id/close",
    summary: "Close a work order",
    access: engineers,
    params: ofOrder,
    answers: { 200: WorkOrderView },
  },
  reopenWorkOrder: {
    method: "POST",
    path: "/v1/work-orders/:id/reopen",
    summary: "Let a closed work order go on",
    access: engineers,
    params: ofOrder,
    body: ReopenRequest,
    answers: { 200: WorkOrderDetail },
  },
  setOrderStations: {
    method: "POST",
    path: "/v1/work-orders/:id/stations",
    summary: "Put a work order into the queues of stations, or move them to it from another one",
    access: engineers,
    params: ofOrder,
    body: SetStationsRequest,
    answers: { 200: WorkOrderDetail },
  },
  removeOrderStation: {
    method: "DELETE",
    path: "/v1/work-orders/:id/stations/:station",
    summary: "Take a work order out of a station's queue; its open jobs come to their end",
    access: engineers,
    params: ofOrder.extend({ station: Name }),
    query: z.object({ reason: text(500).optional() }),
    answers: { 200: WorkOrderDetail },
  },
  setOrderQuantity: {
    method: "POST",
    path: "/v1/work-orders/:id/quantity",
    summary: "Raise or lower a work order's quantity, never below what is used",
    access: engineers,
    params: ofOrder,
    body: QuantityRequest,
    answers: { 200: WorkOrderDetail },
  },
  setOrderRelease: {
    method: "POST",
    path: "/v1/work-orders/:id/release",
    summary: "Give the next units of a work order another release",
    access: engineers,
    params: ofOrder,
    body: OrderReleaseRequest,
    answers: { 200: WorkOrderDetail },
  },
} as const satisfies Record<string, Endpoint>;
