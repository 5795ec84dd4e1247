/** How the chip's read protection stands (RDP level). At 2 the bootloader is out of reach altogether. */
export type Protection = 0 | 1 | 2;
