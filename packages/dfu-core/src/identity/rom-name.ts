/** iProduct of ST's ROMs: F0 to F7, L0, L1 and L4; G0, G4, H5, H7, L5, U5 and WB. */
const ROM_NAMES: ReadonlySet<string> = new Set(["stm32 bootloader", "dfu in fs mode"]);

/** Whether a device calls itself what ST's ROMs do. How many blanks are between the words does not count. */
export const isRomName = (product: string): boolean =>
  ROM_NAMES.has(product.trim().replaceAll(/\s+/g, " ").toLowerCase());
