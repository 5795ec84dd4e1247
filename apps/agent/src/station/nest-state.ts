import type { NestState } from "@flashline/contract";
import type { Nest } from "../nests/nest.ts";

/** The state that page and server know; a scan that is being checked shows as the unit that waits. */
export const nestStateOf = ({ state }: Nest): NestState =>
  state === "checking" ? "present" : state;
