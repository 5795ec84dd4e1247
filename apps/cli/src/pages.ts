/** The rows of a list, page after page, for as long as somebody takes them. `page` is asked for those after the row with this id. */
export async function* rowsOf<T extends { readonly id: string }>(
  page: (after: string | undefined) => Promise<{ readonly body: readonly T[] }>,
): AsyncGenerator<T> {
  for (let after: string | undefined; ; ) {
    const { body } = await page(after);
    yield* body;
    after = body.at(-1)?.id;
    if (after === undefined) return;
  }
}
