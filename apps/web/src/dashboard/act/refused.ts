import { RefusedError } from "@flashline/contract";

interface Detail {
  readonly path: string;
  readonly message: string;
}

const isDetail = (detail: unknown): detail is Detail =>
  typeof detail === "object" &&
  detail !== null &&
  "path" in detail &&
  typeof detail.path === "string" &&
  "message" in detail &&
  typeof detail.message === "string";

/** What the server has against single fields, by the field's name; what it has against none of `fields` is told as a whole. */
export function refusedFields(
  error: unknown,
  fields: readonly string[],
): Readonly<Record<string, string>> {
  if (!(error instanceof RefusedError)) return {};
  const { details, parameters } = error.refusal;
  const found: Record<string, string> = {};
  for (const detail of Array.isArray(details) ? details : []) {
    if (!isDetail(detail)) continue;
    const name = detail.path.split("/")[1] ?? "";
    if (fields.includes(name)) found[name] ??= detail.message;
  }
  const [single] = Object.keys(parameters ?? {}).filter((name) => fields.includes(name));
  const isAboutOne = Object.keys(found).length === 0 && Object.keys(parameters ?? {}).length === 1;
  return isAboutOne && single !== undefined ? { [single]: error.refusal.message } : found;
}
