import { ENDPOINTS, type EndpointName, ErrorBody } from "@flashline/contract";
import { type ServerOptions, serverAddress } from "./api.ts";
import type { Console } from "./console.ts";
import { ExitCode } from "./exit.ts";
import { refuseStandardOutput, writeOutput } from "./output.ts";
import { Refusal } from "./refusal.ts";

/** What is asked: the endpoint's parameters, and its query without what is undefined. */
export interface Asked {
  readonly params?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string>>;
}

/** Writes what an endpoint answers into a file, whole or not at all, and gives its length in bytes. Throws a Refusal. */
export async function download(
  console: Console,
  options: ServerOptions,
  endpoint: EndpointName,
  { params = {}, query = {} }: Asked,
  option: string,
  file: string,
): Promise<number> {
  refuseStandardOutput(option, file);
  const { url, headers } = serverAddress(console, options);
  const path = ENDPOINTS[endpoint].path.replace(/:(\w+)/g, (_, name: string) =>
    encodeURIComponent(params[name] ?? ""),
  );
  const asked = new URLSearchParams(query).toString();
  const answer = await fetch(`${url}${path}${asked === "" ? "" : `?${asked}`}`, { headers });
  if (!answer.ok) {
    const refusal = ErrorBody.safeParse(await answer.json().catch(() => undefined));
    throw new Refusal(
      refusal.data?.code ?? "server.unavailable",
      refusal.data?.message ?? `The server answered ${answer.status} without a reason.`,
      { exit: ExitCode.Fail, hint: refusal.data?.action ?? "" },
    );
  }
  const bytes = new Uint8Array(await answer.arrayBuffer());
  await writeOutput(file, bytes);
  return bytes.length;
}
