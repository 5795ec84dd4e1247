import { normaliseSerial, type UnitView } from "@flashline/contract";
import type { ApiClient } from "./api.ts";
import { defined } from "./defined.ts";
import { ExitCode } from "./exit.ts";
import { Refusal } from "./refusal.ts";

const PAGE = 200;
/** Up to so many are found in the order of their work; of more, those that begin with the serial come first. */
const IN_ORDER_OF_WORK = 1000;

/** All units with this serial, or the one with this id. @throws Refusal without any */
export async function findUnits(call: ApiClient, serial: string): Promise<readonly UnitView[]> {
  const wanted = normaliseSerial(serial);
  const matching: UnitView[] = [];
  let after: string | undefined;
  // The search finds each serial that this one is a part of.
  for (let read = 0; read < IN_ORDER_OF_WORK; read += PAGE) {
    const query = defined({ search: serial, limit: PAGE, after });
    const { body } = await call("units", { query });
    matching.push(...body.filter((unit) => unit.serial === wanted || unit.id === serial));
    after = body.at(-1)?.cursor;
    if (body.length < PAGE) break;
  }
  if (matching.length > 0) return matching;
  throw new Refusal("preflight.unknown_serial", `No unit ${serial} is known.`, {
    exit: ExitCode.Fail,
    hint: "",
  });
}

/** The one unit that is meant. @throws Refusal where several products have the serial, and none is named */
export async function findUnit(
  call: ApiClient,
  serial: string,
  product: string | undefined,
): Promise<UnitView> {
  const all = await findUnits(call, serial);
  const found = product === undefined ? all : all.filter((unit) => unit.product === product);
  const [unit, ...others] = found;
  if (unit !== undefined && others.length === 0) return unit;
  const of = all.map((one) => one.product).join(", ");
  throw new Refusal(
    "usage.argument",
    unit === undefined
      ? `No unit ${serial} of ${product} is known; there is one of ${of}.`
      : `Several products have a unit ${serial}: ${of}. Say --product.`,
  );
}
