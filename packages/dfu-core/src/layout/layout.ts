/** A run of equal sectors. `erase`, `read`, `write` come from the access letter (a … g). */
export interface LayoutSectors {
  readonly address: number;
  readonly count: number;
  /** Bytes a sector. */
  readonly size: number;
  readonly readable: boolean;
  readonly erasable: boolean;
  readonly writable: boolean;
}

/** One "/address/sectors" part of a layout string. */
export interface LayoutZone {
  readonly address: number;
  readonly sectors: readonly LayoutSectors[];
}

/** The memory that one alternate setting describes. */
export interface MemoryLayout {
  /** Without the leading "@", trimmed. */
  readonly name: string;
  readonly zones: readonly LayoutZone[];
}
