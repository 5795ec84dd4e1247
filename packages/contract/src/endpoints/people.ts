import { z } from "zod";
import { Id, Name, text } from "../common.ts";
import {
  Ended,
  LoginRequest,
  LoginWays,
  OpenSession,
  OwnPasswordRequest,
  PasswordRequest,
  PersonChanged,
  PersonDetail,
  PersonNameRequest,
  PersonPlantRequest,
  PersonRequest,
  PersonRoleRequest,
  PersonView,
  ReasonRequest,
  SessionView,
} from "../people.ts";
import { Role } from "../states.ts";
import { admins, anyone, byId, type Endpoint, leads, longPage, people, read } from "./endpoint.ts";

/** By id or name. */
const ofPerson = z.object({ id: Name });
/** What is each person's own affair: a token has none. */
const oneself = people(read.roles);

/** Who may log in, and who is. */
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
  loginWays: {
    method: "GET",
    path: "/v1/session/ways",
    summary: "How people log in besides by name and password",
    access: anyone,
    answers: { 200: LoginWays },
  },
  startProviderLogin: {
    method: "GET",
    path: "/v1/session/provider",
    summary: "Send a browser to the identity provider",
    access: anyone,
    answers: { 302: null },
  },
  finishProviderLogin: {
    method: "GET",
    path: "/v1/session/provider/done",
    summary: "Where the identity provider sends the browser back; opens a session",
    access: anyone,
    // Providers add parameters of their own.
    query: z.looseObject({ code: text(8000).optional(), state: text(8000).optional() }),
    answers: { 303: null },
  },
  ownSessions: {
    method: "GET",
    path: "/v1/session/all",
    summary: "One's own open sessions",
    access: oneself,
    answers: { 200: z.array(OpenSession) },
  },
  endOwnSession: {
    method: "DELETE",
    path: "/v1/session/:id",
    summary: "End one of one's own sessions",
    access: oneself,
    params: byId,
    answers: { 204: null },
  },
  changeOwnPassword: {
    method: "POST",
    path: "/v1/session/password",
    summary: "Change one's own password; one's other sessions end",
    access: oneself,
    body: OwnPasswordRequest,
    answers: { 204: null },
  },
  people: {
    method: "GET",
    path: "/v1/people",
    summary: "People by name; without `state` those who may log in or work",
    access: leads("people:write"),
    query: z.object({
      state: z.enum(["active", "disabled", "all"]).default("active"),
      role: z.enum(Role).optional(),
      /** People of this plant only, and of all plants. */
      plant: Name.optional(),
      /** A part of the name. */
      search: text(80).optional(),
      limit: longPage.shape.limit,
      /** Name after which the list goes on. */
      after: text(80).optional(),
    }),
    answers: { 200: z.array(PersonView) },
  },
  person: {
    method: "GET",
    path: "/v1/people/:id",
    summary: "One person by id or name, with their open sessions and valid tokens",
    access: admins("people:write"),
    params: ofPerson,
    answers: { 200: PersonDetail },
  },
  addPerson: {
    method: "POST",
    path: "/v1/people",
    summary: "Add a person; the same again is no error",
    access: admins("people:write"),
    body: PersonRequest,
    answers: { 200: PersonDetail, 201: PersonDetail },
  },
  setPersonRole: {
    method: "POST",
    path: "/v1/people/:id/role",
    summary: "Give a person another role; who is no admin any more loses the tokens that they made",
    access: admins("people:write"),
    params: ofPerson,
    body: PersonRoleRequest,
    answers: { 200: PersonChanged },
  },
  setPersonPlant: {
    method: "POST",
    path: "/v1/people/:id/plant",
    summary: "Say in which plant a person works",
    access: admins("people:write"),
    params: ofPerson,
    body: PersonPlantRequest,
    answers: { 200: PersonChanged },
  },
  renamePerson: {
    method: "POST",
    path: "/v1/people/:id/name",
    summary: "Give a person another name",
    access: admins("people:write"),
    params: ofPerson,
    body: PersonNameRequest,
    answers: { 200: PersonChanged },
  },
  setPassword: {
    method: "POST",
    path: "/v1/people/:id/password",
    summary: "Give a person another password; their sessions end",
    access: admins("people:write"),
    params: ofPerson,
    body: PasswordRequest,
    answers: { 200: PersonChanged },
  },
  disablePerson: {
    method: "POST",
    path: "/v1/people/:id/disable",
    summary: "Keep a person out; their sessions and the tokens that they made end",
    access: admins("people:write"),
    params: ofPerson,
    body: ReasonRequest,
    answers: { 200: PersonChanged },
  },
  enablePerson: {
    method: "POST",
    path: "/v1/people/:id/enable",
    summary: "Let a person in again; what ended stays ended",
    access: admins("people:write"),
    params: ofPerson,
    body: ReasonRequest,
    answers: { 200: PersonChanged },
  },
  sessions: {
    method: "GET",
    path: "/v1/sessions",
    summary: "Open sessions, the latest first",
    access: admins("people:write"),
    query: z.object({
      /** Name of a person. */
      person: text(80).optional(),
      limit: longPage.shape.limit,
      after: Id.optional(),
    }),
    answers: { 200: z.array(OpenSession) },
  },
  endSession: {
    method: "POST",
    path: "/v1/sessions/:id/end",
    summary: "End somebody's session",
    access: admins("people:write"),
    params: byId,
    body: ReasonRequest,
    answers: { 200: Ended },
  },
  endPersonSessions: {
    method: "POST",
    path: "/v1/people/:id/sessions/end",
    summary: "End all sessions of a person",
    access: admins("people:write"),
    params: ofPerson,
    body: ReasonRequest,
    answers: { 200: Ended },
  },
} as const satisfies Record<string, Endpoint>;
