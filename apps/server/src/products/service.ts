import {
  FlashlineError,
  isReadableSerial,
  normaliseSerial,
  type PartView,
  type ProductChange,
  type ProductRequest,
  type ProductView,
  RETEST_LIMIT,
  type RetestLimitRequest,
  type UnitsRequest,
} from "@flashline/contract";
import { serialPattern } from "@flashline/contract/pattern";
import { PARTS, partNamed } from "@flashline/dfu-core/parts";
import type { z } from "zod";
import { undefinedIfTaken } from "../db/errors.ts";
import type { Origin } from "../ledger/origin.ts";
import type { SerialLists } from "../units/service.ts";
import type { ProductRecord, ProductsRepository } from "./repository.ts";

type NewProduct = z.output<typeof ProductRequest>;

/** An older server took patterns that this one cannot match in bounded time. */
function isUsable(pattern: string | null): boolean {
  try {
    if (pattern !== null) serialPattern(pattern);
    return true;
  } catch {
    return false;
  }
}

function viewOf(product: ProductRecord): ProductView {
  return {
    ...product,
    boardRevisions: [...product.boardRevisions],
    retiredAt: product.retiredAt?.toISOString() ?? null,
    registration: product.registration === "pattern" ? "pattern" : "listed",
  };
}

const same = (a: NewProduct, b: ProductView): boolean =>
  (a.retestLimit === undefined || a.retestLimit === b.retestLimit) &&
  JSON.stringify([
    a.title,
    a.chip,
    a.boardRevisions,
    a.serialPattern,
    a.registration,
    a.allowVirtual,
  ]) ===
    JSON.stringify([
      b.title,
      b.chip,
      b.boardRevisions,
      b.serialPattern,
      b.registration,
      b.allowVirtual,
    ]);

/** Throws `request.invalid` where units are registered by a pattern that there is not, and `product.pattern_unusable`. */
function mustTellSerials({
  serialPattern: pattern,
  registration,
}: Pick<NewProduct, "serialPattern" | "registration">): void {
  if (pattern !== null) serialPattern(pattern);
  if (registration === "pattern" && pattern === null) {
    throw new FlashlineError("request.invalid", "Registration by pattern needs a serial pattern.");
  }
}

/** The part table, by family and name. */
export const parts = (): PartView[] =>
  PARTS.map(({ name, family, aliases }) => ({ name, family, aliases: [...aliases] }));

/** Products and their units. */
export function productsService(repository: ProductsRepository, lists: SerialLists) {
  /** Undefined where there is one of this name, or somebody adds it in this moment. */
  async function addNew(product: NewProduct, by: Origin): Promise<ProductView | undefined> {
    if ((await repository.product(product.name)) !== undefined) return undefined;
    const { retestLimit = RETEST_LIMIT } = product;
    const added = { ...product, retestLimit };
    const id = await repository.addProduct(added, by).catch(undefinedIfTaken);
    return id === undefined ? undefined : { ...added, id, units: 0, retiredAt: null };
  }

  return {
    /**
     * Adding the same product again answers with it; another one of its name is refused. Only a stored pattern that cannot be
     * used any more is replaced: else no new unit of the product could ever be scanned.
     */
    async add(product: NewProduct, by: Origin): Promise<ProductView> {
      mustTellSerials(product);
      if (partNamed(product.chip) === undefined) {
        throw new FlashlineError(
          "release.chip_unknown",
          `The part table has no chip ${product.chip}.`,
          { parameters: { chip: product.chip } },
        );
      }
      const added = await addNew(product, by);
      if (added !== undefined) return added;
      const existing = await repository.product(product.name);
      if (existing === undefined) throw new FlashlineError("request.conflict");
      const view = viewOf(existing);
      if (same(product, view)) return view;
      const repaired = { ...view, serialPattern: product.serialPattern };
      if (!isUsable(view.serialPattern) && same(product, repaired)) {
        await repository.replacePattern(existing, product.serialPattern, by);
        return repaired;
      }
      throw new FlashlineError(
        "request.conflict",
        `Product ${product.name} exists with other properties.`,
        { parameters: { product: product.name } },
      );
    },
    /** The same again is no event. Rejects with `request.not_found`, and as {@link mustTellSerials} throws. */
    async change(
      idOrName: string,
      { reason, ...change }: z.output<typeof ProductChange>,
      by: Origin,
    ): Promise<ProductView> {
      const changed = await repository.change(idOrName, change, mustTellSerials, { reason, by });
      if (changed !== undefined) return viewOf(changed);
      throw new FlashlineError("request.not_found", `There is no product ${idOrName}.`, {
        parameters: { product: idOrName },
      });
    },
    /** Rejects with `request.not_found` without such a product. */
    async setRetestLimit(
      id: string,
      { limit, reason }: z.output<typeof RetestLimitRequest>,
      by: Origin,
    ): Promise<ProductView> {
      const product = await repository.setRetestLimit(id, limit, reason, by);
      if (product === undefined) throw new FlashlineError("request.not_found");
      return viewOf(product);
    },
    async list(): Promise<ProductView[]> {
      return (await repository.products()).map(viewOf);
    },
    /** Serials are normalised; repeated and known ones count as known. Those that are known with other content are refused. */
    async addUnits(
      request: z.output<typeof UnitsRequest>,
      by: Origin,
    ): Promise<{ added: number; known: number }> {
      const product = await repository.product(request.product);
      if (product === undefined) {
        throw new FlashlineError("request.invalid", `There is no product ${request.product}.`, {
          parameters: { product: request.product },
        });
      }
      const serials = [...new Set(request.serials.map(normaliseSerial))];
      const matches =
        product.serialPattern === null ? () => true : serialPattern(product.serialPattern);
      const wrong = serials.filter((serial) => !isReadableSerial(serial) || !matches(serial));
      if (wrong.length > 0) {
        throw new FlashlineError(
          "preflight.serial_malformed",
          `${wrong.length} serials do not match ${product.serialPattern ?? "anything"}, the first: ${wrong[0]}`,
          {
            parameters: {
              count: wrong.length,
              first: wrong[0] ?? "",
              ...(product.serialPattern === null ? {} : { pattern: product.serialPattern }),
            },
            details: wrong.slice(0, 100),
          },
        );
      }
      const { boardRevision, batch } = request;
      const about = { boardRevision: boardRevision ?? "", batch: batch ?? "" };
      const rows = serials.map((serial, at) => ({ line: at + 1, serial, ...about }));
      const { added } = await lists.add(
        product,
        { product: product.name, rows, skipBad: false },
        by,
      );
      return { added, known: request.serials.length - added };
    },
  };
}
