export { hex32 } from "../errors.ts";
export { changesFlash } from "./changes-flash.ts";
export {
  DfuRequest,
  DfuSeCommand,
  DfuState,
  DfuStatus,
  FIRST_DATA_BLOCK,
  ST_DFU_PRODUCT_ID,
  ST_VENDOR_ID,
} from "./constants.ts";
export { describeDevice, describeNow, type RawDescriptors } from "./describe.ts";
export {
  type AlternateSetting,
  type CutString,
  type DeviceDescriptors,
  type FunctionalDescriptor,
  isRunTime,
} from "./descriptors.ts";
export {
  type DeviceDescriptor,
  type DfuAlternate,
  type DfuConfiguration,
  decodeStringDescriptor,
  parseConfiguration,
  parseDeviceDescriptor,
  parseFunctionalDescriptor,
} from "./parse-descriptors.ts";
export type { Machine, Reply, Step } from "./step.ts";
export {
  type AbortSignalLike,
  type Clock,
  type DfuTransport,
  LinkError,
  LinkFault,
} from "./transport.ts";
export { wrapTransport } from "./wrap-transport.ts";
