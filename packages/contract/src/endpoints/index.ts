import { AGENT_ENDPOINTS } from "./agent.ts";
import { ALARM_ENDPOINTS } from "./alarms.ts";
import { BADGE_ENDPOINTS } from "./badges.ts";
import { CANARY_ENDPOINTS } from "./canary.ts";
import { CHANNEL_ENDPOINTS } from "./channels.ts";
import { CREDENTIAL_ENDPOINTS } from "./credentials.ts";
import { DOCTOR_ENDPOINTS } from "./doctor.ts";
import { EXCEPTION_ENDPOINTS } from "./exceptions.ts";
import { GOLDEN_ENDPOINTS } from "./golden.ts";
import { GRANT_ENDPOINTS } from "./grants.ts";
import { HOLD_ENDPOINTS } from "./holds.ts";
import { INSIGHT_ENDPOINTS } from "./insight.ts";
import { LABEL_ENDPOINTS } from "./labels.ts";
import { LEDGER_ENDPOINTS } from "./ledger.ts";
import { ORDER_ENDPOINTS } from "./orders.ts";
import { OVERRIDE_ENDPOINTS } from "./overrides.ts";
import { PACING_ENDPOINTS } from "./pacing.ts";
import { PEOPLE_ENDPOINTS } from "./people.ts";
import { PLAN_ENDPOINTS } from "./plan.ts";
import { PLANT_ENDPOINTS } from "./plant.ts";
import { RELEASE_ENDPOINTS } from "./release.ts";
import { REWORK_ENDPOINTS } from "./rework.ts";
import { TRACE_ENDPOINTS } from "./trace.ts";
import { UPLOAD_ENDPOINTS } from "./uploads.ts";
import { WEBHOOK_ENDPOINTS } from "./webhooks.ts";

/** Every endpoint of the server. Routes are built from it, and so are the clients. */
export const ENDPOINTS = {
  ...AGENT_ENDPOINTS,
  ...PEOPLE_ENDPOINTS,
  ...CREDENTIAL_ENDPOINTS,
  ...BADGE_ENDPOINTS,
  ...OVERRIDE_ENDPOINTS,
  ...DOCTOR_ENDPOINTS,
  ...PLANT_ENDPOINTS,
  ...PLAN_ENDPOINTS,
  ...LABEL_ENDPOINTS,
  ...ORDER_ENDPOINTS,
  ...GRANT_ENDPOINTS,
  ...GOLDEN_ENDPOINTS,
  ...HOLD_ENDPOINTS,
  ...REWORK_ENDPOINTS,
  ...RELEASE_ENDPOINTS,
  ...UPLOAD_ENDPOINTS,
  ...CANARY_ENDPOINTS,
  ...CHANNEL_ENDPOINTS,
  ...EXCEPTION_ENDPOINTS,
  ...INSIGHT_ENDPOINTS,
  ...PACING_ENDPOINTS,
  ...LEDGER_ENDPOINTS,
  ...TRACE_ENDPOINTS,
  ...ALARM_ENDPOINTS,
  ...WEBHOOK_ENDPOINTS,
} as const;

/** A key of {@link ENDPOINTS}. */
export type EndpointName = keyof typeof ENDPOINTS;

/** Server-sent events for the dashboard; outside the table because an event stream has no answer body. */
export const LIVE_PATH = "/v1/live";
