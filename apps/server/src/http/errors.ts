import { type CODES, FlashlineError } from "@flashline/contract";
import {
  hasZodFastifySchemaValidationErrors,
  isResponseSerializationError,
} from "fastify-type-provider-zod";
import { ZodError } from "zod";
import { databaseErrorFrom } from "../db/errors.ts";
import type { Platform } from "../platform.ts";
import { BlobsUnavailable } from "../storage/blobs.ts";
import type { App } from "./server.ts";

const BY_STATUS: Readonly<Record<number, keyof typeof CODES>> = {
  400: "request.invalid",
  404: "request.not_found",
  413: "request.too_large",
  415: "request.invalid",
  429: "request.rate_limited",
};

const statusOf = (error: unknown): number =>
  typeof error === "object" &&
  error !== null &&
  "statusCode" in error &&
  typeof error.statusCode === "number"
    ? error.statusCode
    : 500;

/** Seconds after which the limit that a refusal names is over. */
function retryAfterOf({ details }: FlashlineError): number | undefined {
  if (typeof details !== "object" || details === null) return undefined;
  if (!("retryAfterSeconds" in details)) return undefined;
  return typeof details.retryAfterSeconds === "number" ? details.retryAfterSeconds : undefined;
}

/** Turns every error that a request throws into an answer. */
function errorFrom(error: unknown): FlashlineError {
  if (error instanceof FlashlineError) return error;
  if (hasZodFastifySchemaValidationErrors(error)) {
    // A malformed id belongs to nothing, so the answer is "not found", as for any other id without a thing.
    if (error.validationContext === "params") {
      return new FlashlineError("request.not_found", undefined, { cause: error });
    }
    const details = error.validation.map((issue) => ({
      path: `${error.validationContext ?? "body"}${issue.instancePath}`,
      message: issue.message ?? "",
    }));
    const [first] = details;
    return new FlashlineError(
      "request.invalid",
      first === undefined ? undefined : `${first.path}: ${first.message}`,
      { cause: error, details, parameters: first },
    );
  }
  if (isResponseSerializationError(error) || error instanceof ZodError) {
    return new FlashlineError("server.internal", undefined, { cause: error });
  }
  const status = statusOf(error);
  const code = BY_STATUS[status] ?? (status < 500 ? "request.invalid" : undefined);
  if (code !== undefined) {
    const message = error instanceof Error ? error.message : undefined;
    return new FlashlineError(code, message, { cause: error });
  }
  return databaseErrorFrom(error);
}

/**
 * Answers every refusal as an ErrorBody. What is our own fault is logged with the request's id and not told; what an outage of
 * the database did, the outage's own lines tell.
 */
export function handleErrors(app: App, { outages }: Pick<Platform, "outages">): void {
  app.setErrorHandler((thrown, request, reply) => {
    const error = errorFrom(thrown);
    if (error.status >= 500) {
      const ofImages = error instanceof BlobsUnavailable;
      const err = ofImages ? error : (error.cause ?? error);
      const ofOutage =
        error.code === "server.unavailable" && outages.note(ofImages ? "images" : "database", err);
      if (!ofOutage) request.log.error({ err, code: error.code }, error.message);
    } else request.log.info({ code: error.code }, error.message);
    const seconds = retryAfterOf(error);
    if (seconds !== undefined) reply.header("retry-after", seconds);
    const told = error.code === "server.internal" ? new FlashlineError("server.internal") : error;
    return reply
      .code(told.status)
      .type("application/json; charset=utf-8")
      .serializer((body: unknown) => JSON.stringify(body))
      .send(told.body(request.id));
  });
}
