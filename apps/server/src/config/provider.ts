import { Role } from "@flashline/contract";
import { z } from "zod";

/** How people log in by an identity provider (OpenID Connect). */
export interface ProviderConfig {
  readonly issuer: URL;
  readonly clientId: string;
  /** Undefined: the provider knows this server as a public client. */
  readonly clientSecret: string | undefined;
  /** In order: of several groups of a person the first one here counts. */
  readonly roles: readonly GroupRole[];
  /** Claim with a person's groups. */
  readonly groupsClaim: string;
  /** Claim with a person's name. */
  readonly nameClaim: string;
  readonly scope: string;
  /** Who logs out here logs out at the provider too. */
  readonly logOutThere: boolean;
}

/** What members of a provider's group may do here. */
export interface GroupRole {
  readonly group: string;
  readonly role: Role;
}

/** Those who have pages: nobody else logs in. */
const ROLES = Object.values(Role).filter((role) => role !== Role.Operator);

function groupRoleOf(text: string): GroupRole | undefined {
  const at = text.lastIndexOf("=");
  const group = text.slice(0, Math.max(at, 0)).trim();
  const role = ROLES.find((known) => known === text.slice(at + 1).trim());
  return group === "" || role === undefined ? undefined : { group, role };
}

/** "line-leads=operator-lead, firmware=firmware". */
export const GroupRoles = z.string().transform((text, context): readonly GroupRole[] => {
  const parts = text.split(",").map((part) => groupRoleOf(part));
  const known = parts.filter((part) => part !== undefined);
  if (known.length === parts.length) return known;
  const message = `expected GROUP=ROLE, comma separated; roles: ${ROLES.join(", ")}`;
  context.addIssue({ code: "custom", message });
  return z.NEVER;
});

/** What of the settings belongs to the provider. */
export interface ProviderSettings {
  readonly FLASHLINE_SERVER?: string | undefined;
  readonly FLASHLINE_OIDC_ISSUER?: string | undefined;
  readonly FLASHLINE_OIDC_CLIENT_ID?: string | undefined;
  readonly FLASHLINE_OIDC_CLIENT_SECRET?: string | undefined;
  readonly FLASHLINE_OIDC_ROLES?: readonly GroupRole[] | undefined;
  readonly FLASHLINE_OIDC_GROUPS_CLAIM: string;
  readonly FLASHLINE_OIDC_NAME_CLAIM: string;
  readonly FLASHLINE_OIDC_SCOPE: string;
  readonly FLASHLINE_OIDC_LOG_OUT: "here" | "provider";
}

const isLoopback = ({ hostname }: URL): boolean =>
  ["localhost", "127.0.0.1", "[::1]"].includes(hostname);

/** Undefined where no provider is set. What is missing or unsafe is added to `problems`, one line each. */
export function providerOf(
  settings: ProviderSettings,
  problems: string[],
): ProviderConfig | undefined {
  const {
    FLASHLINE_OIDC_ISSUER: issuerText,
    FLASHLINE_OIDC_CLIENT_ID: clientId,
    FLASHLINE_OIDC_ROLES: roles,
  } = settings;
  if (issuerText === undefined) {
    if (clientId === undefined && roles === undefined) return undefined;
    problems.push(
      "FLASHLINE_OIDC_ISSUER: missing, and without it no other FLASHLINE_OIDC_* counts",
    );
    return undefined;
  }
  if (!URL.canParse(issuerText)) {
    problems.push("FLASHLINE_OIDC_ISSUER: no address");
    return undefined;
  }
  const issuer = new URL(issuerText);
  if (issuer.protocol !== "https:" && !isLoopback(issuer)) {
    problems.push("FLASHLINE_OIDC_ISSUER: only https can be trusted");
  }
  if (settings.FLASHLINE_SERVER === undefined) {
    problems.push("FLASHLINE_SERVER: the provider sends people back to this address; set it");
  }
  if (clientId === undefined) {
    problems.push("FLASHLINE_OIDC_CLIENT_ID: missing; the provider knows this server by it");
  }
  if (roles === undefined) {
    problems.push("FLASHLINE_OIDC_ROLES: missing; without a group that has a role nobody gets in");
  }
  if (clientId === undefined || roles === undefined) return undefined;
  return {
    issuer,
    clientId,
    clientSecret: settings.FLASHLINE_OIDC_CLIENT_SECRET,
    roles,
    groupsClaim: settings.FLASHLINE_OIDC_GROUPS_CLAIM,
    nameClaim: settings.FLASHLINE_OIDC_NAME_CLAIM,
    scope: settings.FLASHLINE_OIDC_SCOPE,
    logOutThere: settings.FLASHLINE_OIDC_LOG_OUT === "provider",
  };
}
