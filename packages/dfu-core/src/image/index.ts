export { type EncodeDfuseOptions, encodeDfuse } from "./dfuse.ts";
export type { Image, ImageFormat, Segment, TargetDevice } from "./image.ts";
export { type ParseImageOptions, parseImage } from "./parse.ts";
export { DEFAULT_ADDRESS, encodeRaw } from "./raw.ts";
export { normaliseSegments } from "./segments.ts";
export { appendSuffix, readSuffix, type Suffix, suffixCrc } from "./suffix.ts";
