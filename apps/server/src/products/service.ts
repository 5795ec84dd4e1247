import {
  FlashlineError,
  normaliseSerial,
  type ProductRequest,
  type ProductView,
  type UnitsRequest,
} from "@flashline/contract";
import type { z } from "zod";
import type { ProductRecord, ProductsRepository } from "./repository.ts";

type NewProduct = z.output<typeof ProductRequest>;

function patternOf(text: string): RegExp {
  try {
    return new RegExp(text, "u");
  } catch (cause) {
    throw new FlashlineError(
      "request.invalid",
      `The serial pattern is not a regular expression: ${text}`,
      {
        cause,
      },
    );
  }
}

function viewOf(product: ProductRecord): ProductView {
  return {
    ...product,
    boardRevisions: [...product.boardRevisions],
    registration: product.registration === "pattern" ? "pattern" : "listed",
  };
}

const same = (a: NewProduct, b: ProductView): boolean =>
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

/** Products and their units. */
export function productsService(repository: ProductsRepository) {
  return {
    /** Adding the same product again answers with it; another one of its name is refused. */
    async add(product: NewProduct, actor: string): Promise<ProductView> {
      if (product.serialPattern !== null) patternOf(product.serialPattern);
      if (product.registration === "pattern" && product.serialPattern === null) {
        throw new FlashlineError(
          "request.invalid",
          "Registration by pattern needs a serial pattern.",
        );
      }
      const existing = await repository.product(product.name);
      if (existing === undefined) {
        return { ...product, id: await repository.addProduct(product, actor), units: 0 };
      }
      const view = viewOf(existing);
      if (same(product, view)) return view;
      throw new FlashlineError(
        "request.conflict",
        `Product ${product.name} exists with other properties.`,
      );
    },
    async list(): Promise<ProductView[]> {
      return (await repository.products()).map(viewOf);
    },
    /** Serials are normalised; repeated and known ones count as known. */
    async addUnits(
      request: z.output<typeof UnitsRequest>,
      actor: string,
    ): Promise<{ added: number; known: number }> {
      const product = await repository.product(request.product);
      if (product === undefined) {
        throw new FlashlineError("request.invalid", `There is no product ${request.product}.`);
      }
      const serials = [...new Set(request.serials.map(normaliseSerial))];
      const pattern = product.serialPattern === null ? undefined : patternOf(product.serialPattern);
      const wrong = serials.filter((serial) => serial === "" || pattern?.test(serial) === false);
      if (wrong.length > 0) {
        throw new FlashlineError(
          "preflight.serial_malformed",
          `${wrong.length} serials do not match ${product.serialPattern ?? "anything"}, the first: ${wrong[0]}`,
          { details: wrong.slice(0, 100) },
        );
      }
      const added = await repository.addUnits(
        product,
        serials,
        { boardRevision: request.boardRevision, batch: request.batch },
        actor,
      );
      return { added, known: request.serials.length - added };
    },
  };
}
