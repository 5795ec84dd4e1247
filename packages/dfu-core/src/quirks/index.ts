export { concerns } from "./applies.ts";
export { withQuirks } from "./layout.ts";
export { AVOIDED, QUIRKS, type Quirk } from "./quirks.ts";
