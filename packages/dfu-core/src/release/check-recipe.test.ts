import { describe, expect, test } from "vitest";
import { DfuError } from "../errors.ts";
import { partNamed } from "../parts/index.ts";
import { checkRecipe } from "./check-recipe.ts";

/** What becomes of a release for `chip` whose image is for this bank mode. */
function verdictOn(chip: string, bankMode: "single" | "dual"): string {
  const part = partNamed(chip);
  if (part === undefined) return "no such part";
  try {
    checkRecipe({ bankMode }, { part, chip, images: [] });
    return "passed";
  } catch (error) {
    return error instanceof DfuError ? error.code : String(error);
  }
}

describe("a bank mode is refused where no unit of the release's chip can be in it", () => {
  const never = "plan.bank_mode";
  test.each([
    // One bank, whatever the size.
    ["STM32F407", "passed", never],
    ["STM32F407VGT6", "passed", never],
    // An option decides, or the size does.
    ["STM32F429", "passed", "passed"],
    ["STM32F429ZET6", "passed", never],
    ["STM32F429ZGT6", "passed", "passed"],
    ["STM32F429ZIT6", never, "passed"],
    ["STM32G474RET6", "passed", "passed"],
    ["STM32H743ZIT6", never, "passed"],
    // Of 256 KiB of this class nothing tells the mode, and of the next one no source tells anything.
    ["STM32L552CCT6", never, never],
    ["STM32F072RBT6", never, never],
  ])("%s", (chip, single, dual) => {
    expect([verdictOn(chip, "single"), verdictOn(chip, "dual")]).toEqual([single, dual]);
  });
});
