/** Who works here, as a badge names them. */
export interface Worker {
  readonly id: string;
  readonly name: string;
}

/** How a request names who works here; null is nobody. A server that takes no operator (undefined) is told nothing. */
export const namedOperator = (
  worker: Worker | null | undefined,
): { readonly operator?: string | null } =>
  worker === undefined ? {} : { operator: worker?.id ?? null };
