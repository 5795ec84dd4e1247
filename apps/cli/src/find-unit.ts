import type { UnitView } from "@flashline/contract";
import type { ApiClient } from "./api.ts";
import { ExitCode } from "./exit.ts";
import { Refusal } from "./refusal.ts";

/** All units with this serial, or the one with this id. @throws Refusal without any */
export async function findUnits(call: ApiClient, serial: string): Promise<readonly UnitView[]> {
  const { body } = await call("units", { query: { search: serial, limit: 200 } });
  const matching = body.filter(
    (unit) => unit.serial === serial.toUpperCase() || unit.id === serial,
  );
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
