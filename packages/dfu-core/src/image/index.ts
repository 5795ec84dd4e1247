export { checkVectorTables } from "./check-vectors.ts";
export {
  type DfuseTarget,
  type EncodeDfuseOptions,
  encodeDfuse,
  encodeDfuseTargets,
} from "./encode-dfuse.ts";
export { encodeHex } from "./encode-hex.ts";
export { encodeSrec } from "./encode-srec.ts";
export type { AddressRange, Image, ImageFormat, Segment, TargetDevice } from "./image.ts";
export { formatOfName } from "./kinds/file-name.ts";
export { mergeImages } from "./merge.ts";
export { type ParseImageOptions, parseImage } from "./parse.ts";
export { type AddressSpan, type PartOptions, partOfImage, spanOf, spanText } from "./ranges.ts";
export { DEFAULT_ADDRESS, encodeRaw } from "./raw.ts";
export { rebaseImage } from "./rebase.ts";
export { type Recognition, recogniseFile } from "./recognise.ts";
export { isSecret } from "./secrets.ts";
export { type MergedSegments, mergeSegments, normaliseSegments } from "./segments.ts";
export { appendSuffix, readSuffix, type Suffix, suffixCrc } from "./suffix.ts";
export {
  findVectorTable,
  type VectorTable,
  vectorTableAt,
  vectorTableProblem,
} from "./vector-table.ts";
