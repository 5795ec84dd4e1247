interface UpdateOptions {
  readonly version: string;
  readonly out: string;
  readonly epoch: number;
}
export function buildUpdate(options: UpdateOptions): Promise<string>;
export function packUpdate(
  folder: string,
  options: UpdateOptions & { readonly [field: string]: unknown },
): Promise<string>;
