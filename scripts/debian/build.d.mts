export function fillApp(app: "agent" | "server", folder: string, version: string): Promise<void>;
