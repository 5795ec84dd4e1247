import { ENDPOINTS, type EndpointName, HOLD_ACCESS, type HoldKind } from "@flashline/contract";
import { useQuery } from "@tanstack/react-query";
import { isLoggedOut } from "../api/client.ts";
import { queries } from "../api/queries.ts";
import { allowed } from "../parts/allowed.ts";

export function useRole(): string | undefined {
  return useQuery(queries.session()).data?.role;
}

/** False once the session has ended, while the page waits for the log-in. */
export const useLoggedIn = (): boolean => !isLoggedOut(useQuery(queries.session()).error);

/** Whether who is logged in may call an endpoint. */
export const useAllowed = (endpoint: EndpointName): boolean => allowed(useRole(), endpoint);

/** Whether who is logged in may stop something of a kind: narrower than the endpoint. */
export function useMayHold(kind: HoldKind): boolean {
  const role = useRole();
  const roles: readonly string[] = HOLD_ACCESS[kind].roles;
  return role !== undefined && roles.includes(role) && ENDPOINTS.setHold.access.kind === "people";
}
