import {
  type BadRow,
  type Code,
  FlashlineError,
  isReadableSerial,
  normaliseSerial,
  type SerialRow,
} from "@flashline/contract";
import { serialPattern } from "@flashline/contract/pattern";

/** A row that may be taken, with what it says of its unit; null: nothing. */
export interface GoodRow {
  readonly row: SerialRow;
  readonly serial: string;
  readonly boardRevision: string | null;
  readonly batch: string | null;
  readonly order: string | null;
  readonly orderId: string | null;
}

export interface ListProduct {
  readonly id: string;
  readonly name: string;
  readonly serialPattern: string | null;
  readonly boardRevisions: readonly string[];
}
/** An order that rows name. */
export interface ListOrder {
  readonly id: string;
  readonly number: string;
  readonly productId: string;
  readonly open: boolean;
}
interface Content {
  readonly boardRevision: string | null;
  readonly batch: string | null;
  readonly order: string | null;
}

/** Of PostgreSQL's columns and the contract's other requests. */
const LONGEST = { serial: 64, boardRevision: 20, batch: 60 } as const;

export const badRow = (row: SerialRow, value: string, code: Code, message: string): BadRow => ({
  line: row.line,
  value,
  code,
  message,
});

const said = (text: string | undefined): string | null => {
  const trimmed = text?.trim() ?? "";
  return trimmed === "" ? null : trimmed;
};

/** "batch LOT-1, not LOT-2" for each field of which the row says something else than the unit has; "" where none does. */
export const differences = (is: Content, row: Content): string =>
  (["boardRevision", "batch", "order"] as const)
    .filter((field) => row[field] !== null && row[field] !== is[field])
    .map((field) => `${field} ${is[field] ?? "not set"}, not ${row[field]}`)
    .join("; ");

/** Each row by itself and against those before it: what may be taken, and why the others may not. */
export function sortRows(
  rows: readonly SerialRow[],
  product: ListProduct,
  orders: ReadonlyMap<string, ListOrder>,
): { readonly good: readonly GoodRow[]; readonly bad: BadRow[] } {
  const pattern = product.serialPattern;
  const matches = pattern === null ? () => true : serialPattern(pattern);
  const good = new Map<string, GoodRow>();
  const bad: BadRow[] = [];
  for (const row of rows) {
    const one = readRow(row, product, orders, matches);
    if ("code" in one) {
      bad.push(one);
      continue;
    }
    const before = good.get(one.serial);
    const differs = before === undefined ? "" : differences(before, one);
    if (before === undefined) good.set(one.serial, one);
    else if (differs !== "") {
      const message = `${one.serial} is in line ${before.row.line} with ${differs}.`;
      bad.push(badRow(row, row.serial, "units.other_content", message));
    }
  }
  return { good: [...good.values()], bad };
}

function readRow(
  row: SerialRow,
  product: ListProduct,
  orders: ReadonlyMap<string, ListOrder>,
  matches: (serial: string) => boolean,
): GoodRow | BadRow {
  const serial = normaliseSerial(row.serial);
  const { name, boardRevisions } = product;
  if (!isReadableSerial(serial) || serial.length > LONGEST.serial || !matches(serial)) {
    const message = `"${row.serial}" is no serial number of ${name}.`;
    return badRow(row, row.serial, "preflight.serial_malformed", message);
  }
  const boardRevision = said(row.boardRevision);
  if (
    boardRevision !== null &&
    (boardRevision.length > LONGEST.boardRevision ||
      (boardRevisions.length > 0 && !boardRevisions.includes(boardRevision)))
  ) {
    const message =
      boardRevision.length > LONGEST.boardRevision
        ? `A board revision has at most ${LONGEST.boardRevision} characters.`
        : `${name} has no board revision ${boardRevision}; it has ${boardRevisions.join(", ")}.`;
    return badRow(row, boardRevision, "units.board_revision", message);
  }
  const batch = said(row.batch);
  if (batch !== null && batch.length > LONGEST.batch) {
    return badRow(
      row,
      batch,
      "request.invalid",
      `A batch has at most ${LONGEST.batch} characters.`,
    );
  }
  const order = said(row.order);
  const found = order === null ? undefined : orders.get(order);
  if (order !== null && (found === undefined || found.productId !== product.id || !found.open)) {
    const why =
      found === undefined ? "does not exist" : found.open ? `is not for ${name}` : "is closed";
    return badRow(row, order, "units.order", `Work order ${order} ${why}.`);
  }
  return { row, serial, boardRevision, batch, order, orderId: found?.id ?? null };
}

/** The refusal of a list that has bad rows. */
export function refusedList(bad: readonly BadRow[]): FlashlineError {
  const [first] = bad;
  const others = bad.every(({ code }) => code === "units.other_content");
  const count = bad.length;
  return new FlashlineError(
    others ? "units.other_content" : "units.bad_rows",
    `${count} ${count === 1 ? "row" : "rows"} cannot be taken, and nothing was; line ${first?.line ?? 0}: ${first?.message ?? ""}`,
    {
      parameters: { count, line: first?.line ?? 0 },
      details: bad.slice(0, 1000),
    },
  );
}
