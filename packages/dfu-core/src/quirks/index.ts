export { concerns } from "./applies.ts";

export { AVOIDED, QUIRKS, type Quirk } from "./quirks.ts";
