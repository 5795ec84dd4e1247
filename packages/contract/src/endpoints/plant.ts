import { z } from "zod";
import { Id, Name, text } from "../common.ts";
import { StationView, UnitDetail, UnitView } from "../dashboard.ts";
import {
  OperatorRules,
  PlantOperatorsRequest,
  StationOperators,
  StationOperatorsRequest,
} from "../operators.ts";
import { ReasonRequest } from "../people.ts";
import {
  EnrollmentToken,
  LineRequest,
  LineView,
  PartView,
  PlantChange,
  PlantRequest,
  PlantView,
  ProductChange,
  ProductRequest,
  ProductView,
  StationRequest,
  UnitsAdded,
  UnitsRequest,
} from "../plant.ts";
import { ListedSelection } from "../selection.ts";
import { SerialListAnswer, SerialListRequest } from "../serial-list.ts";
import { UnitSort } from "../sorts.ts";
import { GiveValuesRequest, RangeRequest, RangeView, ValuesGiven } from "../values.ts";
import { byId, type Endpoint, engineers, installers, page, read } from "./endpoint.ts";

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
  plants: {
    method: "GET",
    path: "/v1/plants",
    summary: "Plants with their lines",
    access: read,
    answers: { 200: z.array(PlantView) },
  },
  changePlant: {
    method: "POST",
    path: "/v1/plants/:id",
    summary: "Give a plant another time zone or other shifts",
    access: installers,
    params: z.object({ id: Name }),
    body: PlantChange,
    answers: { 200: PlantView },
  },
  lines: {
    method: "GET",
    path: "/v1/lines",
    summary: "Lines of all plants",
    access: read,
    answers: { 200: z.array(LineView) },
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
    summary: "Add a station, or give it a new enrollment token",
    access: installers,
    body: StationRequest,
    answers: { 201: EnrollmentToken },
  },
  revokeStation: {
    method: "POST",
    path: "/v1/stations/:id/revoke",
    summary: "End a station's credential and its enrollment tokens; the same again is no error",
    access: installers,
    params: z.object({ id: Name }),
    body: ReasonRequest,
    answers: { 204: null },
  },
  stations: {
    method: "GET",
    path: "/v1/stations",
    summary: "Stations and nests as they are now",
    access: read,
    answers: { 200: z.array(StationView) },
  },
  setPlantOperators: {
    method: "PUT",
    path: "/v1/plants/:id/operators",
    summary: "Say how people work at a plant's stations: badges, log-out, whether nobody may start",
    access: installers,
    params: z.object({ id: Name }),
    body: PlantOperatorsRequest,
    answers: { 200: OperatorRules },
  },
  stationOperators: {
    method: "GET",
    path: "/v1/stations/:id/operators",
    summary: "How people work at a station, and what of it is its own",
    access: read,
    params: z.object({ id: Name }),
    answers: { 200: StationOperators },
  },
  setStationOperators: {
    method: "PUT",
    path: "/v1/stations/:id/operators",
    summary: "Say how people work at one station, where it differs from its plant",
    access: installers,
    params: z.object({ id: Name }),
    body: StationOperatorsRequest,
    answers: { 200: StationOperators },
  },
  addProduct: {
    method: "POST",
    path: "/v1/products",
    summary: "Add a product",
    access: engineers,
    body: ProductRequest,
    answers: { 201: ProductView },
  },
  changeProduct: {
    method: "POST",
    path: "/v1/products/:id",
    summary: "Change a product's title, board revisions, serials or whether it takes virtual units",
    access: engineers,
    params: z.object({ id: Name }),
    body: ProductChange,
    answers: { 200: ProductView },
  },
  parts: {
    method: "GET",
    path: "/v1/parts",
    summary: "Chips of the part table, of which a product names one",
    access: read,
    answers: { 200: z.array(PartView) },
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
  addSerialList: {
    method: "POST",
    path: "/v1/units/list",
    summary: "Register a list of serials, each with what is known of its unit, all or none",
    access: engineers,
    body: SerialListRequest,
    answers: { 200: SerialListAnswer },
  },
  giveValues: {
    method: "PUT",
    path: "/v1/units/values",
    summary: "Give units the data that their releases take, secrets among them",
    access: engineers,
    body: GiveValuesRequest,
    answers: { 200: ValuesGiven },
  },
  addRange: {
    method: "POST",
    path: "/v1/ranges",
    summary: "Add numbers of which each unit of a product gets one; the same again is no error",
    access: engineers,
    body: RangeRequest,
    answers: { 201: RangeView },
  },
  ranges: {
    method: "GET",
    path: "/v1/ranges",
    summary: "Ranges of numbers, and what is left of them",
    access: read,
    query: z.object({ product: text(120).optional() }),
    answers: { 200: z.array(RangeView) },
  },
  units: {
    method: "GET",
    path: "/v1/units",
    summary: "Find units",
    access: read,
    /** Of a selection those that have one of its attempts; of a product or batch alone also those without any. */
    query: ListedSelection.extend({
      ...page.shape,
      /** A part of the serial. */
      search: text(64).optional(),
      state: text(20).optional(),
      /** Not together with `search`: what a search finds has an order of its own. */
      sort: UnitSort.optional(),
      /** `cursor` of the row after which the list goes on. */
      after: text(200).optional(),
    }),
    answers: { 200: z.array(UnitView) },
  },
  unitsList: {
    method: "GET",
    path: "/v1/units.csv",
    summary: "The units of a selection, all of them, as CSV",
    access: read,
    query: ListedSelection.extend({
      /** A part of the serial. */
      search: text(64).optional(),
      state: text(20).optional(),
    }),
    answers: { 200: null },
  },
  unit: {
    method: "GET",
    path: "/v1/units/:id",
    summary: "One unit with its attempts",
    access: read,
    params: byId,
    answers: { 200: UnitDetail },
  },
} as const satisfies Record<string, Endpoint>;
