import type { HostView } from "@flashline/contract";
import type { apiClient } from "../api.ts";
import { ExitCode } from "../exit.ts";
import { Refusal } from "../refusal.ts";

type Call = ReturnType<typeof apiClient>;

/** The host of this name, id, station or machine. Rejects where none, or more than one, is called so. */
export async function hostNamed(call: Call, name: string): Promise<HostView> {
  const { body } = await call("hosts", {});
  const exact = body.hosts.filter((host) => [host.name, host.id].includes(name));
  const found =
    exact.length > 0
      ? exact
      : body.hosts.filter((host) => [host.station, host.machine].includes(name));
  const [host, ...others] = found;
  if (host === undefined)
    throw new Refusal("request.not_found", `No host ${name} is known.`, {
      exit: ExitCode.Fail,
      hint: "",
    });
  if (others.length === 0) return host;
  const names = found.map((one) => one.name).join(", ");
  throw new Refusal("request.conflict", `Several hosts are called ${name}: ${names}.`, {
    exit: ExitCode.Fail,
    hint: "",
  });
}
