export { adviceFor, type HubEffect, type TrialEnd } from "./advice.ts";
export { shareDifference } from "./difference.ts";
export { HostFigures } from "./figures.ts";
export { proportion } from "./proportion.ts";
export { rolledYield } from "./rolled.ts";
export { secondOpinion } from "./second-opinion.ts";
export { hypergeometric } from "./tables.ts";
