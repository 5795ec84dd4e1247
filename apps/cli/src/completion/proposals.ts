import { OTP_CONFIRMATION, PARTS, UNPROTECT_CONFIRMATION } from "@flashline/dfu-core";
import { FAULT_NAMES, PRODUCTS, PARTS as VIRTUAL_PARTS } from "@flashline/virtual-stm32";
import { MASS_ERASE } from "../dfu/erase.ts";
import { OPTION_CONFIRMATIONS } from "../dfu/option-bytes.ts";

const CHIPS = PARTS.flatMap(({ aliases }) => aliases.map((alias) => `STM32${alias}`));

/** By option, or by command and option, which counts first. */
const PROPOSALS: ReadonlyMap<string, readonly string[]> = new Map([
  ["--chip", CHIPS],
  ["sim --chip", [...VIRTUAL_PARTS, ...PRODUCTS].map(({ name }) => name)],
  ["sim --fault", FAULT_NAMES],
  ["dfu erase --yes-i-mean", [MASS_ERASE]],
  ["dfu options --yes-i-mean", OPTION_CONFIRMATIONS],
  ["dfu otp --yes-i-mean", [OTP_CONFIRMATION]],
  ["dfu unprotect --yes-i-mean", [UNPROTECT_CONFIRMATION]],
  ["--expect", ["dfu-gone"]],
]);

/** Values that a shell may propose for an option that takes others too. */
export const proposalsFor = (path: string, option: string): readonly string[] | undefined =>
  PROPOSALS.get(`${path} ${option}`) ?? PROPOSALS.get(option);
