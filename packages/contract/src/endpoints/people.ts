import { LoginRequest, SessionView } from "../plant.ts";
import { anyone, type Endpoint, read } from "./endpoint.ts";

/** Who is logged in. */
export const PEOPLE_ENDPOINTS = {
  login: {
    method: "POST",
    path: "/v1/session",
    summary: "Log in",
    access: anyone,
    body: LoginRequest,
    answers: { 200: SessionView },
  },
  session: {
    method: "GET",
    path: "/v1/session",
    summary: "Who is logged in",
    access: read,
    answers: { 200: SessionView },
  },
  logout: {
    method: "DELETE",
    path: "/v1/session",
    summary: "Log out",
    access: anyone,
    answers: { 204: null },
  },
} as const satisfies Record<string, Endpoint>;
