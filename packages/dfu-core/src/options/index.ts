export { decodeOptions, encodeOptions, type OptionBlocks, type OptionValue } from "./codec.ts";
export { optionZonesOf } from "./locate.ts";
export {
  type OptionBytes,
  type OptionsReport,
  readOptionsMachine,
  type WriteOptionsOptions,
  writeOptionsMachine,
} from "./machines.ts";
export { OTP_CONFIRMATION, type WriteOtpOptions, writeOtpMachine } from "./otp.ts";
export { CONFIRMATIONS, type Confirmation, type OptionSchema } from "./schema.ts";
export { OPTION_SCHEMAS } from "./schemas.ts";
export { UNPROTECT_CONFIRMATION, type UnprotectOptions, unprotectMachine } from "./unprotect.ts";
export { type OptionSettings, parseOptionValue } from "./values.ts";
