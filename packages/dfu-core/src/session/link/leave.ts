import { hex32 } from "../../errors.ts";
import { DfuRequest, FIRST_DATA_BLOCK } from "../../protocol/constants.ts";
import { LinkError } from "../../protocol/transport.ts";
import { incident, type Run, type Work } from "../machine/run.ts";
import { setAddress } from "./commands.ts";
import { getStatus, send } from "./requests.ts";
import { persist } from "./retry.ts";
import { Trouble } from "./trouble.ts";

/**
 * SET_ADDRESS, an empty DNLOAD, GETSTATUS: the unit leaves the bus and starts what is at `address` (AN3156, section 5).
 * The GETSTATUS often fails because the unit is gone already; that is no failure. Once SET_ADDRESS was acknowledged, trouble is an
 * incident and the attempt does not fail, because the content was verified. Before that this throws, because neither the unit nor
 * the address that it would start from is certain. After a drop until then `confirm` makes sure of the unit that is there.
 */
export function* leave(
  run: Run,
  alternate: number,
  address: number,
  confirm: () => Work<void>,
): Work<void> {
  const place = { what: "SET_ADDRESS", address, alternate };
  let { arrivals } = run.link;
  yield* persist(run, place, function* () {
    if (run.link.arrivals !== arrivals) yield* confirm();
    arrivals = run.link.arrivals;
    yield* setAddress(run, alternate, address);
  });
  try {
    yield* send(run, DfuRequest.Dnload, FIRST_DATA_BLOCK);
  } catch (error) {
    if (!(error instanceof LinkError)) throw error;
    yield* incident(run, "link.desync", `leave to ${hex32(address)}: ${error.message}`, address);
  }
  try {
    yield* getStatus(run);
  } catch (error) {
    if (!(error instanceof LinkError || error instanceof Trouble)) throw error;
  }
  run.link.setState(undefined);
  run.link.loseCursor();
}
