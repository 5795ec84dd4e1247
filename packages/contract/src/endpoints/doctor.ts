import { z } from "zod";
import { Name } from "../common.ts";
import { StationControllers } from "../controllers.ts";
import { DoctorReport, StationDoctor } from "../doctor.ts";
import { type Endpoint, read, station } from "./endpoint.ts";

/** What line PCs find wrong with themselves. */
export const DOCTOR_ENDPOINTS = {
  reportDoctor: {
    method: "PUT",
    path: "/v1/agent/doctor",
    summary: "What the station's doctor found; the latest report counts",
    access: station,
    body: DoctorReport,
    answers: { 204: null },
  },
  stationControllers: {
    method: "GET",
    path: "/v1/agent/controllers",
    summary: "What is known of the USB controllers that the station has flashed through",
    access: station,
    answers: { 200: StationControllers },
  },
  stationDoctor: {
    method: "GET",
    path: "/v1/stations/:id/doctor",
    summary: "What a station's doctor found last",
    access: read,
    params: z.object({ id: Name }),
    answers: { 200: StationDoctor },
  },
} as const satisfies Record<string, Endpoint>;
