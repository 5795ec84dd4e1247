export interface Changed {
  readonly field: string;
  readonly before: string;
  readonly after: string;
}

const shown = (value: unknown): string =>
  value === undefined || value === null
    ? "nothing"
    : typeof value === "string"
      ? value
      : JSON.stringify(value);

/** What differs between two states, field by field; a field that is on one side only was or became nothing. */
export function diffOf(
  before: Readonly<Record<string, unknown>> | null,
  after: Readonly<Record<string, unknown>> | null,
): readonly Changed[] {
  const fields = new Set([...Object.keys(before ?? {}), ...Object.keys(after ?? {})]);
  return [...fields].flatMap((field) => {
    const [was, is] = [before?.[field], after?.[field]];
    if (JSON.stringify(was ?? null) === JSON.stringify(is ?? null)) return [];
    return [{ field, before: shown(was), after: shown(is) }];
  });
}

/** What an event tells besides, one fact each; what is null is left out. */
export const factsOf = (
  data: Readonly<Record<string, unknown>>,
): readonly (readonly [string, string])[] =>
  Object.entries(data).flatMap(([name, value]) =>
    value === null || (Array.isArray(value) && value.length === 0)
      ? []
      : [[name, shown(value)] as const],
  );
