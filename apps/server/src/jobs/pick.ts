import { serialPattern } from "@flashline/contract/pattern";
import type { JobRefusal } from "./refusal.ts";

/** What is known of a scan for one of the products of which the station has an order. */
interface Candidate {
  readonly product: {
    readonly name: string;
    readonly serialPattern: string | null;
    readonly registration: string;
  } | null;
  readonly unit: object | null;
  readonly otherProduct: string | null;
}

/** A pattern that cannot be used fits nothing. */
function fits(pattern: string, serial: string): boolean {
  try {
    return serialPattern(pattern)(serial);
  } catch {
    return false;
  }
}

/**
 * Which of a station's products a scanned serial is of: the one that has a unit with it, else the one whose pattern it matches. Where
 * several do, nobody guesses: wrong firmware is worse than a question. With one candidate there is nothing to choose.
 */
export function pickByProduct<C extends Candidate>(
  serial: string,
  candidates: readonly C[],
): { readonly one: C | undefined; readonly unpicked: JobRefusal | null } {
  const [first] = candidates;
  if (candidates.length < 2) return { one: first, unpicked: null };
  const known = candidates.filter(({ unit }) => unit !== null);
  const other = candidates.find(({ otherProduct }) => otherProduct !== null)?.otherProduct;
  const likely =
    known.length > 0
      ? known
      : candidates.filter(({ product }) => fits(product?.serialPattern ?? "", serial));
  const [one] = likely;
  if (known.length === 0 && other !== undefined && other !== null) {
    const product = namesOf(candidates);
    const message = `${serial} is a ${other}; the work orders of this station are for ${product}.`;
    const parameters = { serial, otherProduct: other, product };
    return { one: first, unpicked: { code: "preflight.wrong_product", message, parameters } };
  }
  if (likely.length === 1) return { one, unpicked: null };
  if (likely.length === 0) {
    // A listed product without a pattern takes whatever is in its list.
    const listed = candidates.filter(({ product }) => product?.serialPattern === null);
    const product = namesOf(listed.length === 0 ? candidates : listed);
    const parameters = { serial, product };
    const unpicked: JobRefusal =
      listed.length === 0
        ? {
            code: "preflight.serial_malformed",
            message: `"${serial}" does not look like a serial number of ${product}.`,
            parameters,
          }
        : {
            code: "preflight.unknown_serial",
            message: `No unit of ${product} has the serial ${serial}.`,
            parameters,
          };
    return { one: first, unpicked };
  }
  const products = namesOf(likely);
  const message = `${serial} may be of ${products}; the station has work orders of all of them.`;
  const parameters = { serial, products };
  return { one: first, unpicked: { code: "preflight.product_ambiguous", message, parameters } };
}

const namesOf = (candidates: readonly Candidate[]): string =>
  candidates.map(({ product }) => product?.name ?? "").join(", ");
