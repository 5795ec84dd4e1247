import { z } from "zod";
import { text } from "../common.ts";
import {
  ExceptionDetail,
  ExceptionView,
  SignedException,
  WithdrawExceptionRequest,
} from "../exception.ts";
import { byId, type Endpoint, longPage, promoters, releaseReaders } from "./endpoint.ts";

/** Signed exceptions for service builds. */
export const EXCEPTION_ENDPOINTS = {
  exceptions: {
    method: "GET",
    path: "/v1/exceptions",
    summary: "Signed exceptions, the latest first",
    access: releaseReaders,
    query: longPage.extend({ product: text(120).optional() }),
    answers: { 200: z.array(ExceptionView) },
  },
  exception: {
    method: "GET",
    path: "/v1/exceptions/:id",
    summary: "One signed exception, with the units that were flashed under it",
    access: releaseReaders,
    params: byId,
    answers: { 200: ExceptionDetail },
  },
  addException: {
    method: "POST",
    path: "/v1/exceptions",
    summary: "Add a signed exception from a refusal of a release; the same again is no error",
    access: promoters,
    body: SignedException,
    answers: { 200: ExceptionView, 201: ExceptionView },
  },
  withdrawException: {
    method: "POST",
    path: "/v1/exceptions/:id/withdraw",
    summary: "No unit is started under the exception any more; it cannot be added again",
    access: promoters,
    params: byId,
    body: WithdrawExceptionRequest,
    answers: { 200: ExceptionView },
  },
} as const satisfies Record<string, Endpoint>;
