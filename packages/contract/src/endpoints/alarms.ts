import { z } from "zod";
import { ALARM_RULE_NAMES } from "../alarm-rules.ts";
import {
  AlarmRuleRequest,
  AlarmRuleView,
  AlarmTrial,
  AlarmTrialRequest,
  AlarmView,
  EndAlarmRequest,
  LeadCall,
  LeadCallRequest,
  RecipientRequest,
  RecipientView,
  TakeAlarmRequest,
} from "../alarms.ts";
import { Id, Name } from "../common.ts";
import { byId, type Endpoint, installers, leads, page, people, read, station } from "./endpoint.ts";

/** Addresses are personal data: not for everybody who may read. */
const postmasters = people(["engineer", "admin"], "stations:write");

/** What needs a person, and who is told. */
export const ALARM_ENDPOINTS = {
  callLead: {
    method: "POST",
    path: "/v1/agent/calls",
    summary:
      "Call the lead, for a nest or the station; the same call again is no error and says who comes",
    access: station,
    body: LeadCallRequest,
    answers: { 200: LeadCall, 201: LeadCall },
  },
  endCall: {
    method: "POST",
    path: "/v1/agent/calls/:id/end",
    summary: "The lead is there, or is not needed any more; the same again is no error",
    access: station,
    params: byId,
    answers: { 200: LeadCall },
  },
  alarms: {
    method: "GET",
    path: "/v1/alarms",
    summary: "Alarms, the latest first; without `state` those that are open",
    access: read,
    query: page.extend({
      state: z.enum(["open", "over", "all"]).default("open"),
      rule: z.enum(ALARM_RULE_NAMES).optional(),
      plant: Name.optional(),
      after: Id.optional(),
    }),
    answers: { 200: z.array(AlarmView) },
  },
  alarm: {
    method: "GET",
    path: "/v1/alarms/:id",
    summary: "One alarm",
    access: read,
    params: byId,
    answers: { 200: AlarmView },
  },
  takeAlarm: {
    method: "POST",
    path: "/v1/alarms/:id/take",
    summary: "Say that you look after an alarm; the same again is no error",
    access: leads("stations:write"),
    params: byId,
    body: TakeAlarmRequest,
    answers: { 200: AlarmView },
  },
  endAlarm: {
    method: "POST",
    path: "/v1/alarms/:id/end",
    summary: "End a call for the lead; every other alarm ends with its cause",
    access: leads("stations:write"),
    params: byId,
    body: EndAlarmRequest,
    answers: { 200: AlarmView },
  },
  alarmRules: {
    method: "GET",
    path: "/v1/alarm-rules",
    summary: "The rules of alarms as they are set, by plant",
    access: read,
    answers: { 200: z.array(AlarmRuleView) },
  },
  setAlarmRule: {
    method: "POST",
    path: "/v1/alarm-rules/:rule",
    summary: "Switch a rule on or off, or change its settings",
    access: installers,
    params: z.object({ rule: z.enum(ALARM_RULE_NAMES) }),
    body: AlarmRuleRequest,
    answers: { 200: AlarmRuleView },
  },
  tryAlarmRule: {
    method: "POST",
    path: "/v1/alarm-rules/:rule/trial",
    summary: "Which alarms a rule would have raised in the last 14 days; changes nothing",
    access: installers,
    params: z.object({ rule: z.enum(ALARM_RULE_NAMES) }),
    body: AlarmTrialRequest,
    answers: { 200: AlarmTrial },
  },
  recipients: {
    method: "GET",
    path: "/v1/alarm-recipients",
    summary: "Who gets alarms by e-mail",
    access: postmasters,
    answers: { 200: z.array(RecipientView) },
  },
  addRecipient: {
    method: "POST",
    path: "/v1/alarm-recipients",
    summary: "Send alarms of some rules to an address; the same again is no error",
    access: postmasters,
    body: RecipientRequest,
    answers: { 200: RecipientView, 201: RecipientView },
  },
  removeRecipient: {
    method: "DELETE",
    path: "/v1/alarm-recipients/:id",
    summary: "Send no more alarms to an address",
    access: postmasters,
    params: byId,
    answers: { 200: RecipientView },
  },
  testRecipient: {
    method: "POST",
    path: "/v1/alarm-recipients/:id/test",
    summary: "Send a mail to an address as a trial; answers what the mail server said",
    access: postmasters,
    params: byId,
    answers: { 200: z.object({ sent: z.boolean(), error: z.string().nullable() }) },
  },
} as const satisfies Record<string, Endpoint>;
