import { ENDPOINTS, type EndpointName } from "@flashline/contract";

/** Whether a role may call an endpoint, from the same table that the server checks. Buttons that would be refused are not shown. */
export function allowed(role: string | undefined, endpoint: EndpointName): boolean {
  const { access } = ENDPOINTS[endpoint];
  return access.kind === "people" && access.roles.some((each) => each === role);
}
