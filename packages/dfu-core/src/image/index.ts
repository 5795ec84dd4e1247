export type { Image, ImageFormat, Segment, TargetDevice } from "./image.ts";
export { type ParseImageOptions, parseImage } from "./parse.ts";
