import { randomUUID } from "node:crypto";
import https from "node:https";
import compress from "@fastify/compress";
import cookie from "@fastify/cookie";
import helmet from "@fastify/helmet";
import rateLimit from "@fastify/rate-limit";
import Fastify, { type FastifyBaseLogger, LogController } from "fastify";
import { serializerCompiler, validatorCompiler } from "fastify-type-provider-zod";
import { z } from "zod";
import { registerFeatures } from "./features.ts";
import { answerClientError } from "./http/client-error.ts";
import { serveDashboard } from "./http/dashboard.ts";
import { handleErrors } from "./http/errors.ts";
import { healthRoutes } from "./http/health.ts";
import { sayIssue } from "./http/issues.ts";
import { acceptBodies } from "./http/json.ts";
import { describeApi } from "./http/openapi.ts";
import { checkProtocol } from "./http/protocol.ts";
import type { App } from "./http/server.ts";
import { readPair, renewTls } from "./http/tls.ts";
import { traceRequests } from "./http/trace.ts";
import { endUnreadRequests } from "./http/unread.ts";
import { callerLimit } from "./limits/callers.ts";
import type { Platform } from "./platform.ts";

/** Results with thousands of incidents and imports of 10,000 serials fit; images are streamed. Bytes. */
const BODY_LIMIT = 4 * 1024 * 1024;
/** Of one caller, and of one address for everybody who did not say who they are. A station with 64 nests sends about 300. */
const REQUESTS_PER_MINUTE = 3_000;

/** A caller's headers, and the whole of its request with an image, take no longer to come in. Milliseconds. */
const HEADERS_MS = 10_000;
const REQUEST_MS = 120_000;
/** How often Node looks for requests that took too long, milliseconds. */
const LOOK_MS = 2_000;
/** How long an idle connection is kept: longer than proxies keep theirs, so that none is closed under a request. Milliseconds. */
const KEEP_ALIVE_MS = 72_000;

/** Shorter answers fit into a packet or two anyway. Bytes. */
const COMPRESS_FROM = 2_048;

/** Requests that run when the server closes have this long to end, milliseconds. */
const CLOSE_GRACE_MS = 3_000;

export interface AppOptions {
  /** Runs no queue workers and no periodic tasks: for a look at the routes alone. */
  readonly idle?: boolean;
  /** Of one caller. Default: {@link REQUESTS_PER_MINUTE}. */
  readonly requestsPerMinute?: number;
  /** How long a caller's headers may take to come in, milliseconds. Default: {@link HEADERS_MS}. */
  readonly headersMs?: number;
  /** How often another certificate is looked for, milliseconds. */
  readonly tlsLookMs?: number;
  /** How long a whole request may take to come in, milliseconds. Default: {@link REQUEST_MS}. */
  readonly requestMs?: number;
}

/** Builds the server on an open platform, ready to listen or to be injected. Closing it leaves the platform open. */
export async function buildApp(platform: Platform, options: AppOptions = {}): Promise<App> {
  const logger: FastifyBaseLogger = platform.log;
  const { tls: files } = platform.config;
  const pair = files === undefined ? undefined : readPair(files);
  const limits = {
    headersTimeout: options.headersMs ?? HEADERS_MS,
    connectionsCheckingInterval: LOOK_MS,
  };
  const app: App = Fastify({
    loggerInstance: logger,
    bodyLimit: BODY_LIMIT,
    requestTimeout: options.requestMs ?? REQUEST_MS,
    clientErrorHandler: answerClientError,
    keepAliveTimeout: KEEP_ALIVE_MS,
    http: limits,
    // Fastify's types tell a server of https from one of http; what is used here they have in common.
    ...(pair === undefined ? {} : { https: { ...limits, cert: pair.cert, key: pair.key } }),
    genReqId: () => randomUUID(),
    trustProxy: platform.config.trustProxy ?? false,
    forceCloseConnections: "idle",
    // Stations ask several times a second; refusals are logged where they are answered.
    logController: new LogController({ disableRequestLogging: true }),
  });
  z.config({ customError: sayIssue });
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(serializerCompiler);
  if (platform.tracing !== undefined) traceRequests(app, platform.tracing);
  handleErrors(app, platform);
  acceptBodies(app);
  endUnreadRequests(app);
  if (logger.level === "debug" || logger.level === "trace") {
    app.addHook("onResponse", (request, reply, done) => {
      const { method, url } = request;
      const said = { method, url, status: reply.statusCode, ms: reply.elapsedTime };
      request.log.debug(said, "answered");
      done();
    });
  }
  checkProtocol(app);
  await app.register(helmet, {
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'self'"],
        // The component library writes style elements.
        styleSrc: ["'self'", "'unsafe-inline'"],
        imgSrc: ["'self'", "data:"],
        fontSrc: ["'self'", "data:"],
        objectSrc: ["'none'"],
        baseUri: ["'self'"],
        formAction: ["'self'"],
        frameAncestors: ["'none'"],
      },
    },
    // The network of a plant often has no certificates. Without them this header would keep browsers out.
    strictTransportSecurity: platform.config.secureCookies,
  });
  await app.register(cookie);
  await app.register(compress, { encodings: ["gzip"], threshold: COMPRESS_FROM });
  const perMinute = options.requestsPerMinute ?? REQUESTS_PER_MINUTE;
  const callers = callerLimit(platform.bus, perMinute);
  app.decorate("callers", callers);
  // Pages and the API's description; endpoints count by caller.
  await app.register(rateLimit, { max: perMinute, timeWindow: 60_000 });
  await describeApi(app);
  healthRoutes(app, platform);
  const features = registerFeatures(app, platform);
  await serveDashboard(app);
  app.addHook("preClose", async () => {
    await features.preClose();
    // Browsers open connections before they need them. Such a connection counts as busy and would hold up the close for a
    // minute.
    setTimeout(() => app.server.closeAllConnections(), CLOSE_GRACE_MS).unref();
  });
  const stopRenewing =
    files === undefined || pair === undefined || !(app.server instanceof https.Server)
      ? () => undefined
      : renewTls(app.server, files, pair, platform.log, options.tlsLookMs);
  app.addHook("onClose", async () => {
    stopRenewing();
    callers.close();
    await features.close();
  });
  if (options.idle !== true) {
    await platform.queues.start(features.handlers, features.tasks);
    features.start();
  }
  return app;
}
