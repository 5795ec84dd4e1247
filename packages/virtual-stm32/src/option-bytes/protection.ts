/** The level of the read protection of the chip (RDP). At level 2 nobody reaches the bootloader. */
export type Protection = 0 | 1 | 2;
