import type { Bus } from "../queue/bus.ts";

const TOPIC = "setup";

/** What stations are and work on changed, of one or of many: their agents should ask for their setup again. */
export const tellSetupChanged = (bus: Bus): void => bus.publish(TOPIC, {});

export const onSetupChanged = (bus: Bus, listener: () => void): (() => void) =>
  bus.subscribe(TOPIC, listener);
