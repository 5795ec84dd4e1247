import { existsSync } from "node:fs";
import { join } from "node:path";
import fastifyStatic from "@fastify/static";
import {
  AcknowledgeRequest,
  AskLabelRequest,
  DecideLabelRequest,
  DecideRequest,
  DoctorReport,
  ErrorBody,
  FlashlineError,
  NestChange,
  RefusedError,
  ScanRequest,
  StartNestRequest,
  StationPageView,
} from "@flashline/contract";
import { type FastifyBaseLogger, type FastifyInstance, fastify, LogController } from "fastify";
import {
  serializerCompiler,
  validatorCompiler,
  type ZodTypeProvider,
} from "fastify-type-provider-zod";
import { streamViews } from "./events.ts";
import { ResendAnswer } from "./resend-answer.ts";
import { isOwnRequest } from "./same-origin.ts";
import type { StationPage } from "./station-page.ts";

export interface PageAppOptions {
  readonly page: StationPage;
  /** The built page; a hint is shown instead when there is none. */
  readonly webDir: string;
  readonly log?: FastifyBaseLogger;
}

const CONTENT_SECURITY_POLICY = [
  "default-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "object-src 'none'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");

const NOT_BUILT = `<!doctype html><meta charset="utf-8"><title>Flashline station</title>
<p>The station page is not built here. Run <code>npm run build:web</code> in the checkout and load this page again.</p>
<p>The agent itself works: <a href="/api/view">what it knows now</a>.</p>`;

/** The station page and its API. Builds and returns; the caller listens, on loopback only. */
export async function buildPageApp({
  page,
  webDir,
  log,
}: PageAppOptions): Promise<FastifyInstance> {
  const app = fastify({
    ...(log === undefined ? {} : { loggerInstance: log }),
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: 16 * 1024,
    forceCloseConnections: true,
  }).withTypeProvider<ZodTypeProvider>();
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(serializerCompiler);

  // A form of another page could send text/plain without asking first.
  app.removeContentTypeParser("text/plain");

  app.addHook("onRequest", (request, reply, done) => {
    reply.headers({
      "content-security-policy": CONTENT_SECURITY_POLICY,
      "x-content-type-options": "nosniff",
      "referrer-policy": "no-referrer",
      "cross-origin-opener-policy": "same-origin",
    });
    const own = isOwnRequest(request.headers.host, request.headers.origin);
    done(
      own ? undefined : new FlashlineError("auth.forbidden", "Only this PC's own page may ask."),
    );
  });
  app.setErrorHandler((error: unknown, _request, reply) => {
    const refusal = refusalFor(error);
    if (refusal.status >= 500) app.log.error({ err: error, step: "page" }, "page request failed");
    return reply.status(refusal.status).send(refusal.body);
  });
  app.setNotFoundHandler((_request, reply) =>
    reply.status(404).send(new FlashlineError("request.not_found").body()),
  );

  const view = { response: { 200: StationPageView, default: ErrorBody } };
  app.get("/api/view", { schema: view }, () => page.view());
  app.post("/api/scan", { schema: { ...view, body: ScanRequest } }, (request) => {
    page.scan(request.body.text);
    return page.view();
  });
  app.post("/api/start", { schema: { ...view, body: StartNestRequest } }, (request) => {
    page.start(request.body.nest);
    return page.view();
  });
  app.post("/api/acknowledge", { schema: { ...view, body: AcknowledgeRequest } }, (request) => {
    page.acknowledge(request.body.nest);
    return page.view();
  });
  app.post("/api/decide", { schema: { ...view, body: DecideRequest } }, (request) => {
    page.decide(request.body.reason);
    return page.view();
  });
  app.post("/api/ask-label", { schema: { ...view, body: AskLabelRequest } }, (request) => {
    page.askLabel(request.body.nest);
    return page.view();
  });
  app.post("/api/decide-label", { schema: { ...view, body: DecideLabelRequest } }, (request) => {
    page.decideLabel(request.body.decision);
    return page.view();
  });
  app.post("/api/call-lead", { schema: view }, () => {
    page.callLead();
    return page.view();
  });
  app.post("/api/end-call", { schema: view }, () => {
    page.endCall();
    return page.view();
  });
  app.post("/api/nests", { schema: { ...view, body: NestChange } }, async (request) => {
    await page.changeNests(request.body);
    return page.view();
  });
  const doctor = { response: { 200: DoctorReport, default: ErrorBody } };
  app.get("/api/doctor", { schema: doctor }, () => page.doctor());
  const resent = { response: { 200: ResendAnswer, default: ErrorBody } };
  app.post("/api/resend", { schema: resent }, async () => {
    const { count, unreadable } = await page.resend();
    return { count, unreadable: [...unreadable] };
  });
  streamViews(app, page);

  if (existsSync(join(webDir, "index.html"))) {
    await app.register(fastifyStatic, { root: webDir, cacheControl: false });
  } else {
    app.get("/", (_request, reply) => reply.type("text/html").status(503).send(NOT_BUILT));
  }
  return app;
}

function refusalFor(error: unknown): { readonly status: number; readonly body: ErrorBody } {
  if (error instanceof FlashlineError) return { status: error.status, body: error.body() };
  if (error instanceof RefusedError) return { status: error.status, body: error.refusal };
  const status = statusOf(error);
  const code = status < 500 ? "request.invalid" : "server.internal";
  const message = status < 500 && error instanceof Error ? error.message : undefined;
  return { status, body: new FlashlineError(code, message).body() };
}

function statusOf(error: unknown): number {
  const status = error instanceof Error && "statusCode" in error ? error.statusCode : undefined;
  return typeof status === "number" && status >= 400 ? status : 500;
}
