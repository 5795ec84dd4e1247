import type { SerialListAnswer, SerialListRequest } from "@flashline/contract";
import type { z } from "zod";
import type { Database } from "../db/database.ts";
import type { Origin } from "../ledger/origin.ts";
import { recordEvent } from "../ledger/record.ts";
import { addUnits, ordersNamed, unitsNamed } from "./repository.ts";
import {
  badRow,
  differences,
  type GoodRow,
  type ListProduct,
  refusedList,
  sortRows,
} from "./rows.ts";

/** The one value that all rows have; null where they have several, or none. */
function ofAll(rows: readonly GoodRow[], field: "boardRevision" | "batch"): string | null {
  const values = new Set(rows.map((row) => row[field]));
  return values.size === 1 ? (rows[0]?.[field] ?? null) : null;
}

export type SerialLists = ReturnType<typeof serialLists>;

/** Lists of serials, as an ERP gives them. */
export function serialLists({ transaction }: Database) {
  return {
    /**
     * Registers the units of a list. The same list again is fine; a unit that is known with other content is a bad row. With a bad
     * row nothing is taken, unless the request says to leave it out: then all others are.
     */
    add(
      product: ListProduct,
      { rows, skipBad }: z.output<typeof SerialListRequest>,
      by: Origin,
    ): Promise<z.output<typeof SerialListAnswer>> {
      return transaction(async (sql) => {
        const numbers = new Set(rows.flatMap(({ order }) => order?.trim() ?? []));
        const orders = await ordersNamed(sql, [...numbers]);
        const { good, bad } = sortRows(
          rows,
          product,
          new Map(orders.map((order) => [order.number, order])),
        );
        if (bad.length > 0 && !skipBad) throw refusedList(bad);
        const added = await addUnits(sql, product.id, good);
        const old = good.filter(({ serial }) => !added.has(serial));
        const units = await unitsNamed(
          sql,
          product.id,
          old.map(({ serial }) => serial),
        );
        const bySerial = new Map(units.map((unit) => [unit.serial, unit]));
        for (const one of old) {
          const unit = bySerial.get(one.serial);
          const differs = unit === undefined ? "" : differences(unit, one);
          if (differs === "") continue;
          const message = `${one.serial} is known with ${differs}.`;
          bad.push(badRow(one.row, one.row.serial, "units.other_content", message));
        }
        bad.sort((a, b) => a.line - b.line);
        if (bad.length > 0 && !skipBad) throw refusedList(bad);
        const fresh = good.filter(({ serial }) => added.has(serial));
        if (fresh.length > 0) {
          await recordEvent(sql, {
            kind: "units.added",
            by,
            subject: { id: product.id, name: product.name },
            data: {
              added: fresh.length,
              given: rows.length,
              first: fresh[0]?.serial ?? null,
              last: fresh.at(-1)?.serial ?? null,
              boardRevision: ofAll(fresh, "boardRevision"),
              batch: ofAll(fresh, "batch"),
            },
          });
        }
        const known = rows.length - added.size - bad.length;
        return { added: added.size, known, leftOut: bad.length, bad: bad.slice(0, 1000) };
      });
    },
  };
}
