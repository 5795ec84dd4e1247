import type { RecipeView } from "@flashline/contract";

type Field = RecipeView["fields"][number];

/** In the order of their addresses, as they lie in flash. */
export const fieldPlaces = (fields: readonly Field[]): readonly Field[] =>
  [...fields].sort((a, b) => a.address - b.address);

/** Where a unit's value comes from, in words. */
export function sourceText({
  from,
  range,
  secret,
}: Pick<Field, "from" | "range" | "secret">): string {
  switch (from) {
    case "serial":
      return "the scanned serial";
    case "range":
      return `range ${range ?? ""}, one number for each unit`;
    case "given":
      return secret ? "given by API, secret" : "given by API";
    case "computed":
      return "computed over the rest";
  }
}
