import { expect, it } from "vitest";
import { ErrorBody, FlashlineError } from "./error.ts";

it("an error's body has the facts of its sentence by name, and no empty list of them", () => {
  const parameters = { product: "PSU-40", left: 0 };
  const error = new FlashlineError("request.invalid", "PSU-40 has 0 left.", { parameters });
  expect(ErrorBody.parse(JSON.parse(JSON.stringify(error.body())))).toMatchObject({ parameters });
  expect(new FlashlineError("request.invalid").body()).not.toHaveProperty("parameters");
});
