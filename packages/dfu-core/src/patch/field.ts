/** Where a field lies in the image. */
interface FieldPlace {
  /** Unique in its spec; what a value is given by. */
  readonly name: string;
  readonly address: number;
  /** Bytes. */
  readonly length: number;
  /** The value is shown, logged and stored nowhere; reports name the field only. */
  readonly secret?: boolean;
}

export type Endian = "little" | "big";

/** Text; what it leaves of the field is filled with `padding`. */
export interface TextField extends FieldPlace {
  readonly kind: "text";
  /** `ascii` when not given: printable ASCII only. */
  readonly encoding?: "ascii" | "utf8" | "utf16le";
  /** 0 … 255; 0 when not given. */
  readonly padding?: number;
}

/** Unsigned number of 1 to 8 bytes; decimal, or hexadecimal with 0x. */
export interface UintField extends FieldPlace {
  readonly kind: "uint";
  /** `little` when not given, as the core reads it. */
  readonly endian?: Endian;
}

/** Decimal digits, two a byte, zeros before them. */
export interface BcdField extends FieldPlace {
  readonly kind: "bcd";
  /** `big` when not given: the first digits at the lowest address. */
  readonly endian?: Endian;
}

/** Bytes in hexadecimal, with or without ":", "-" or blanks between them; a MAC address, a key. */
export interface BytesField extends FieldPlace {
  readonly kind: "bytes";
  /** `big` when not given: as written; `little` turns them round. */
  readonly endian?: Endian;
  /** 0 … 255: fills what shorter values leave. Without it the value must fill the field. */
  readonly padding?: number;
}

/** The stretch that a CRC covers, and the CRC's parameters (as in the CRC catalogue of reveng). */
export interface CrcRule {
  readonly from: number;
  /** First address behind the range. */
  readonly to: number;
  /** 0x04c11db7 when not given. */
  readonly poly?: number;
  /** 0xffffffff when not given. */
  readonly init?: number;
  /** 0xffffffff when not given. */
  readonly xorOut?: number;
  /** Bits of each byte from the lowest on, and of the result; true when not given. */
  readonly reflect?: boolean;
  /** 4: the bytes of each 32-bit word from the last to the first, as the STM32's CRC unit takes little-endian words. 1 when not given. */
  readonly wordBytes?: 1 | 4;
  /** 0 … 255: what addresses count as where the image has nothing. Without it the range must be covered. */
  readonly fill?: number;
}

/** CRC-32 over a stretch of the image after the other fields are in; has no value. 4 bytes long. */
export interface CrcField extends FieldPlace {
  readonly kind: "crc32";
  /** `little` when not given. */
  readonly endian?: Endian;
  readonly crc: CrcRule;
}

export type ValueField = TextField | UintField | BcdField | BytesField;
/** A place in an image that is filled for each unit. */
export type PatchField = ValueField | CrcField;

/** What one field is given; text, number or bytes by the field's kind. */
export type PatchValue = string | number | bigint | Uint8Array;
/** By field name. */
/** The values for one unit. */
export type PatchValues = Readonly<Record<string, PatchValue>>;
