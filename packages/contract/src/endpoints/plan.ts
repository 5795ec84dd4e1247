import { z } from "zod";
import { PaceQuery, PaceView, PlansAnswer, PlansQuery, PlansRequest, PlanView } from "../plan.ts";
import { type Endpoint, engineers, read } from "./endpoint.ts";

/** What lines are to make, and how far they are. */
export const PLAN_ENDPOINTS = {
  plans: {
    method: "GET",
    path: "/v1/plans",
    summary: "What is planned for the shifts of lines",
    access: read,
    query: PlansQuery,
    answers: { 200: z.array(PlanView) },
  },
  setPlans: {
    method: "PUT",
    path: "/v1/plans",
    summary: "Say what shifts of lines are to make, all or none; the same again is no error",
    access: engineers,
    body: PlansRequest,
    answers: { 200: PlansAnswer },
  },
  pace: {
    method: "GET",
    path: "/v1/pace",
    summary: "A line in its shift: made, against the plan, takt and cycle",
    access: read,
    query: PaceQuery,
    answers: { 200: PaceView },
  },
} as const satisfies Record<string, Endpoint>;
