import type { NoticeMessage, StationSetup } from "@flashline/contract";
import { pino } from "pino";
import type { ServerLink } from "../server/link.ts";
import type { BadgeList } from "./badge-list.ts";
import { createPeople, type People, type PeopleOptions } from "./people.ts";

/** A station that knows no badge without its server. */
const NONE: BadgeList = {
  find: () => ({ kind: "unknown" }),
  people: () => undefined,
  refresh: () => Promise.resolve(),
};

/** People at a station whose server may know badges; the station's own list is empty. */
export const peopleAt = (options: {
  readonly link: ServerLink;
  readonly setup: () => StationSetup | undefined;
  readonly notify: (message: NoticeMessage) => void;
  readonly decides?: NonNullable<PeopleOptions["decides"]>;
  readonly onChange?: () => void;
}): People =>
  createPeople({
    badges: NONE,
    log: pino({ level: "silent" }),
    onChange: () => undefined,
    ...options,
  });
