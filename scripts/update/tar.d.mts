export function tarOf(
  folder: string,
  name: string,
  epoch: number,
): Promise<{ bytes: Buffer; unpacked: number; files: number }>;
export function header(path: string, size: number, epoch: number, type?: string): Buffer;
