export { checkImages, type NamedImage } from "./check-images.ts";
