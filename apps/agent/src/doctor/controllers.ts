import { isDoubted, type Proportion, type StationController } from "@flashline/contract";
import type { ServerLink } from "../server/link.ts";
import { type Finding, ok, warn } from "./finding.ts";

/**
 * AN2606 (Rev 70), Table 36, in short. It names no controller and no PC: which ones are meant, only measuring tells.
 */
const ST_SAYS =
  'ST (AN2606 Rev 70, Table 36): the USB bootloader "fails on some machines using a high speed controller"; it needs nearly 25 µs between transactions, and ST advises a USB hub in between. ST names no model.';

const PATIENCE_MS = 5_000;

/** What the server knows of the controllers that this PC has flashed through; nothing while it is away or does not know it. */
export async function examineControllers(link: Pick<ServerLink, "call">): Promise<Finding[]> {
  try {
    const { body } = await link.call("stationControllers", {}, { timeoutMs: PATIENCE_MS });
    return body.controllers.map((one) => controllerFinding(one, body.days));
  } catch {
    // Whether the server answers is a finding of its own.
    return [];
  }
}

/** The verdict says whether to worry; what was measured stands beside it, and what ST says where there is a reason to. */
export function controllerFinding(controller: StationController, days: number): Finding {
  const { address, model, driver, verdict, failedFirst, failedFirstElsewhere } = controller;
  const named = model === driver ? driver : `${model}, ${driver}`;
  const seen = `In ${days} days this plant measured at this model: ${sharesOf(failedFirst)}; at its other models: ${sharesOf(failedFirstElsewhere)}.`;
  const who = `${address} (${named})`;
  return isDoubted(controller)
    ? warn(
        "controller",
        `${who} makes flashing fail: ${verdict}. ${seen} ${ST_SAYS} What helps here stands on the dashboard's page Hosts.`,
      )
    : ok(
        "controller",
        `${who}: ${verdict === "OK" ? "nothing speaks against it" : "too few units to judge it"}. ${seen}`,
      );
}

function sharesOf({ count, n, share, low, high }: Proportion): string {
  if (share === null) return "no unit was tried";
  const of = `${count} of ${n === 1 ? "1 unit" : `${n} units`} failed at first`;
  return `${of} (${percent(share)} %, 95 % interval ${percent(low)} to ${percent(high)} %)`;
}

const percent = (share: number): string => (share * 100).toFixed(1);
