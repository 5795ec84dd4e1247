import type { AgentAbility } from "@flashline/contract";
import type { UnitSource } from "@flashline/usb-host";

/** What a station with these units can do that agents of before could not. */
export const abilitiesOf = (source: UnitSource): readonly AgentAbility[] => [
  ...(source.deviceOn === undefined ? [] : ["application-serial" as const]),
  "given-profile",
  "labels",
  "golden-checks",
  "many-barred",
];
