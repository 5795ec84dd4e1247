export type { OptionValue } from "./codec.ts";
export { optionZonesOf } from "./locate.ts";
export { CONFIRMATIONS, type Confirmation, type OptionSchema } from "./schema.ts";
export { OPTION_SCHEMAS } from "./schemas.ts";
export { type OptionSettings, parseOptionValue } from "./values.ts";
