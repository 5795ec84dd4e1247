import {
  FlashlineError,
  type GiveValuesRequest,
  isReadableSerial,
  normaliseSerial,
  type RangeRequest,
  type RangeView,
} from "@flashline/contract";
import { serialPattern } from "@flashline/contract/pattern";
import type { z } from "zod";
import type { Origin } from "../ledger/origin.ts";
import type { ProductsRepository } from "../products/repository.ts";
import { secretPlace, type Vault } from "../storage/vault.ts";
import type { GivenUnit, RangeRow, ValuesRepository } from "./repository.ts";

const viewOf = ({ product, name, kind, first, last, left }: RangeRow): RangeView => ({
  product,
  name,
  kind,
  first: Number(first),
  last: Number(last),
  left: Number(left),
});

/** Ranges of numbers, and what is given for single units. */
export function valuesService(
  repository: ValuesRepository,
  products: Pick<ProductsRepository, "product">,
  vault: Vault,
) {
  async function productOf(name: string) {
    const product = await products.product(name);
    if (product === undefined) {
      throw new FlashlineError("request.invalid", `There is no product ${name}.`, {
        parameters: { product: name },
      });
    }
    return product;
  }

  function givenUnit(
    unit: z.output<typeof GiveValuesRequest>["units"][number],
    matches: (serial: string) => boolean,
  ): GivenUnit {
    const serial = normaliseSerial(unit.serial);
    if (!isReadableSerial(serial) || !matches(serial)) {
      throw new FlashlineError(
        "preflight.serial_malformed",
        `"${serial}" does not look like a serial number of this product.`,
        { parameters: { serial } },
      );
    }
    const both = Object.keys(unit.values).find((name) => Object.hasOwn(unit.secrets, name));
    if (both !== undefined) {
      throw new FlashlineError("request.invalid", `${serial}: ${both} is given twice.`, {
        parameters: { serial, field: both },
      });
    }
    return {
      serial,
      names: [...Object.keys(unit.values), ...Object.keys(unit.secrets)],
      values: unit.values,
      seal: (unitId) =>
        Object.fromEntries(
          Object.entries(unit.secrets).map(([name, secret]) => [
            name,
            vault.seal(secretPlace(unitId, name), secret),
          ]),
        ),
    };
  }

  return {
    async ranges(product: string | undefined): Promise<RangeView[]> {
      return (await repository.ranges(product ?? null)).map(viewOf);
    },
    /** The same stretch again answers with it; one that shares a number with another is refused. */
    async addRange(request: z.output<typeof RangeRequest>, by: Origin): Promise<RangeView> {
      const product = await productOf(request.product);
      const { name, kind, first, last } = request;
      const other = await repository.addRange({ product, name, kind, first, last }, by);
      if (other === null) {
        return { product: product.name, name, kind, first, last, left: last - first + 1 };
      }
      const view = viewOf(other);
      const same =
        view.product === product.name &&
        view.name === name &&
        view.kind === kind &&
        view.first === first &&
        view.last === last;
      if (same) return view;
      throw new FlashlineError(
        "values.range_overlap",
        `${view.first} to ${view.last} is range ${view.name} of ${view.product}.`,
        {
          parameters: {
            range: view.name,
            product: view.product,
            first: view.first,
            last: view.last,
          },
        },
      );
    },
    /** Registers units that are new. What is given again replaces what was given. */
    async give(
      request: z.output<typeof GiveValuesRequest>,
      by: Origin,
    ): Promise<{ units: number }> {
      const product = await productOf(request.product);
      const matches =
        product.serialPattern === null ? () => true : serialPattern(product.serialPattern);
      const units = request.units.map((unit) => givenUnit(unit, matches));
      const serials = units.map(({ serial }) => serial);
      const twice = serials.find((serial, i) => serials.indexOf(serial) !== i);
      if (twice !== undefined) {
        throw new FlashlineError("request.invalid", `${twice} is in the list twice.`, {
          parameters: { serial: twice },
        });
      }
      await repository.give(product, units, request.keepHours, by);
      return { units: units.length };
    },
    async forgetSecrets(): Promise<void> {
      await repository.forgetSecrets();
    },
  };
}
