/** Lengths of the parts of a .dfu file: UM0391, sections 2.1 to 2.3. */
export const PREFIX_LENGTH = 11;
export const TARGET_LENGTH = 274;
export const ELEMENT_LENGTH = 8;
export const NAME_LENGTH = 255;
