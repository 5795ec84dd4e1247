import type { StationSetup } from "@flashline/contract";
import { type PrinterAddress, printerText } from "../labels/address.ts";
import { lookAtPrinter } from "../labels/printer.ts";
import { wantsLabels } from "../station/view.ts";
import { type Finding, ok, warn } from "./finding.ts";

/** Can the labels be printed that units get here? A unit that passed has passed without one too: no finding keeps the PC from flashing. */
export async function examinePrinter(
  address: PrinterAddress | undefined,
  setup: StationSetup | undefined,
): Promise<Finding> {
  if (address === undefined) {
    return wantsLabels(setup)
      ? warn(
          "printer",
          "Units of this station's orders get a label, and no printer is set. Set FLASHLINE_PRINTER to its HOST or HOST:PORT. Until then units pass without a label, and their records say so.",
        )
      : ok("printer", "No label printer is set, and no order here wants one.");
  }
  const trouble = await lookAtPrinter(address);
  return trouble === undefined
    ? ok("printer", `The label printer at ${printerText(address)} answers.`)
    : warn("printer", `Labels cannot be printed now. ${trouble.detail}`);
}
