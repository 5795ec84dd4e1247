export {
  type OptionBytes,
  type OptionsReport,
  readOptionsMachine,
  type WriteOptionsOptions,
  writeOptionsMachine,
} from "./machines.ts";
export { OTP_CONFIRMATION, type WriteOtpOptions, writeOtpMachine } from "./otp.ts";
export { UNPROTECT_CONFIRMATION, type UnprotectOptions, unprotectMachine } from "./unprotect.ts";
