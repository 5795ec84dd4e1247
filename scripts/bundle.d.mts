export function bundleWhole(workspace: string, entry: string, name: string): Promise<string>;
