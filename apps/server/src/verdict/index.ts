export { adviceFor } from "./advice.ts";
export { HostFigures } from "./figures.ts";
export { proportion } from "./proportion.ts";
export { secondOpinion } from "./second-opinion.ts";
export { hypergeometric } from "./tables.ts";
