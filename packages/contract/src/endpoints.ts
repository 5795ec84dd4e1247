import { z } from "zod";
import {
  AcquireRequest,
  CancelRequest,
  EnrolAnswer,
  EnrolRequest,
  JobAccepted,
  JobRequest,
  LeasedJob,
  PreflightAnswer,
  PreflightRequest,
  RenewAnswer,
  RenewRequest,
  StartAnswer,
  StartRequest,
  StationSetup,
  StationStatus,
  StatusAnswer,
} from "./agent.ts";
import { AttemptResult, ResultAnswer } from "./attempt.ts";
import { Id, Sha256 } from "./common.ts";
import {
  AttemptDetail,
  AttemptView,
  HostsView,
  StationView,
  UnitDetail,
  UnitView,
  YieldView,
} from "./dashboard.ts";
import {
  EnrolmentToken,
  LineRequest,
  LoginRequest,
  PlantRequest,
  ProductRequest,
  ProductView,
  SessionView,
  StationRequest,
  UnitsAdded,
  UnitsRequest,
  WorkOrderRequest,
  WorkOrderView,
} from "./plant.ts";
import { ImageUploaded, PublishRequest, ReleaseView, RevokeRequest } from "./release.ts";
import type { Role, TokenScope } from "./states.ts";

/** Who may call: nobody in particular, a station with its credential, or a person or token with one of these. */
export type Access =
  | { readonly kind: "public" }
  | { readonly kind: "station" }
  | {
      readonly kind: "people";
      readonly roles: readonly Role[];
      readonly scopes: readonly TokenScope[];
    };

export interface Endpoint {
  readonly method: "GET" | "POST" | "PUT" | "DELETE";
  /** With `:name` parameters. */
  readonly path: string;
  readonly summary: string;
  readonly access: Access;
  readonly params?: z.ZodType;
  readonly query?: z.ZodType;
  /** JSON body; "bytes" takes application/octet-stream, "loose" JSON of which the exact bytes count. */
  readonly body?: z.ZodType;
  readonly bodyKind?: "json" | "bytes" | "loose";
  /** Successful answers by status; `null` has no body. Refusals are an ErrorBody. */
  readonly answers: Readonly<Record<number, z.ZodType | null>>;
}

const station: Access = { kind: "station" };
const anyone: Access = { kind: "public" };
const everyone: readonly Role[] = ["operator-lead", "engineer", "firmware", "admin"];
const read: Access = { kind: "people", roles: everyone, scopes: ["read"] };
const people = (
  roles: readonly Role[],
  ...scopes: TokenScope[]
): Extract<Access, { kind: "people" }> => ({
  kind: "people",
  roles,
  scopes,
});
const engineers = people(["engineer", "admin"], "orders:write");
const firmware = people(["firmware", "admin"], "releases:publish");
const promoters = people(["firmware", "engineer", "admin"], "releases:promote");
const installers = people(["engineer", "admin"], "stations:write");

const byId = z.object({ id: Id });
const bySha = z.object({ sha256: Sha256 });
const page = z.object({ limit: z.coerce.number().int().min(1).max(200).default(50) });

/** Every endpoint of the server. Routes are built from it, and so are the clients. */
export const ENDPOINTS = {
  enrol: {
    method: "POST",
    path: "/v1/agent/enrol",
    summary: "Turn a one-time token into a station credential",
    access: anyone,
    body: EnrolRequest,
    answers: { 201: EnrolAnswer },
  },
  setup: {
    method: "GET",
    path: "/v1/agent/setup",
    summary: "What this station is and works on",
    access: station,
    answers: { 200: StationSetup },
  },
  preflight: {
    method: "POST",
    path: "/v1/agent/preflight",
    summary: "May this unit be flashed in this nest?",
    access: station,
    body: PreflightRequest,
    answers: { 200: PreflightAnswer },
  },
  createJob: {
    method: "POST",
    path: "/v1/agent/jobs",
    summary: "Order the flashing of one unit",
    access: station,
    body: JobRequest,
    answers: { 200: JobAccepted, 201: JobAccepted },
  },
  acquire: {
    method: "POST",
    path: "/v1/agent/jobs/acquire",
    summary: "Wait for a job (long poll); 204 when there is none",
    access: station,
    body: AcquireRequest,
    answers: { 200: LeasedJob, 204: null },
  },
  image: {
    method: "GET",
    path: "/v1/agent/images/:sha256",
    summary: "An image's bytes",
    access: station,
    params: bySha,
    answers: { 200: null },
  },
  start: {
    method: "POST",
    path: "/v1/agent/jobs/:id/start",
    summary: "About to erase: the attempt begins",
    access: station,
    params: byId,
    body: StartRequest,
    answers: { 200: StartAnswer },
  },
  renew: {
    method: "POST",
    path: "/v1/agent/jobs/:id/renew",
    summary: "Keep the lease; learn of a cancel",
    access: station,
    params: byId,
    body: RenewRequest,
    answers: { 200: RenewAnswer },
  },
  cancelJob: {
    method: "POST",
    path: "/v1/agent/jobs/:id/cancel",
    summary: "The agent gives the job up; nothing was erased",
    access: station,
    params: byId,
    body: CancelRequest,
    answers: { 200: JobAccepted },
  },
  result: {
    method: "PUT",
    path: "/v1/agent/attempts/:id/result",
    summary: "An attempt's result; safe to repeat with the same bytes",
    access: station,
    params: byId,
    body: AttemptResult,
    bodyKind: "loose",
    answers: { 200: ResultAnswer, 201: ResultAnswer, 202: ResultAnswer },
  },
  status: {
    method: "POST",
    path: "/v1/agent/status",
    summary: "The nests as they are now",
    access: station,
    body: StationStatus,
    answers: { 200: StatusAnswer },
  },

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

  uploadImage: {
    method: "POST",
    path: "/v1/images",
    summary: "Upload an image; the same bytes again are no error",
    access: firmware,
    bodyKind: "bytes",
    answers: { 200: ImageUploaded, 201: ImageUploaded },
  },
  publish: {
    method: "POST",
    path: "/v1/releases",
    summary: "Publish a signed manifest as a draft; the release queue checks it",
    access: firmware,
    body: PublishRequest,
    answers: { 200: ReleaseView, 201: ReleaseView },
  },
  releases: {
    method: "GET",
    path: "/v1/releases",
    summary: "Releases",
    access: read,
    query: z.object({ product: z.string().max(120).optional() }),
    answers: { 200: z.array(ReleaseView) },
  },
  release: {
    method: "GET",
    path: "/v1/releases/:id",
    summary: "One release",
    access: read,
    params: byId,
    answers: { 200: ReleaseView },
  },
  promote: {
    method: "POST",
    path: "/v1/releases/:id/promote",
    summary: "draft → released, when its check passed",
    access: promoters,
    params: byId,
    answers: { 200: ReleaseView },
  },
  revoke: {
    method: "POST",
    path: "/v1/releases/:id/revoke",
    summary: "released → revoked; no new start with it",
    access: promoters,
    params: byId,
    body: RevokeRequest,
    answers: { 200: ReleaseView },
  },

  yield: {
    method: "GET",
    path: "/v1/yield",
    summary: "Yield of the plant's day, with intervals",
    access: read,
    query: z.object({ product: z.string().max(120).optional() }),
    answers: { 200: YieldView },
  },
  attempts: {
    method: "GET",
    path: "/v1/attempts",
    summary: "Latest attempts",
    access: read,
    query: page.extend({
      outcome: z.enum(["PASS", "FAIL"]).optional(),
      station: z.string().max(120).optional(),
      host: Id.optional(),
    }),
    answers: { 200: z.array(AttemptView) },
  },
  attempt: {
    method: "GET",
    path: "/v1/attempts/:id",
    summary: "One attempt with its evidence",
    access: read,
    params: byId,
    answers: { 200: AttemptDetail },
  },
  hosts: {
    method: "GET",
    path: "/v1/hosts",
    summary: "Hosts with their verdict and evidence",
    access: read,
    answers: { 200: HostsView },
  },
} as const satisfies Record<string, Endpoint>;

export type EndpointName = keyof typeof ENDPOINTS;

/** Server-sent events for the dashboard; outside the table because an event stream has no answer body. */
export const LIVE_PATH = "/v1/live";
