import { lookup as resolve } from "node:dns";
import { BlockList, isIP, type LookupFunction } from "node:net";
import { FlashlineError } from "@flashline/contract";

type Family = "ipv4" | "ipv6";

/**
 * Never called, whoever asks: the machine's own network without a router, where clouds keep their credentials (169.254.169.254), addresses
 * of nobody and of everybody, and IPv6 addresses that stand for IPv4 ones elsewhere (RFC 6890, RFC 6052, RFC 3056).
 */
const NEVER: readonly (readonly [string, number, Family])[] = [
  ["0.0.0.0", 8, "ipv4"],
  ["169.254.0.0", 16, "ipv4"],
  ["192.0.0.0", 24, "ipv4"],
  ["224.0.0.0", 4, "ipv4"],
  ["240.0.0.0", 4, "ipv4"],
  ["::", 128, "ipv6"],
  ["64:ff9b::", 96, "ipv6"],
  ["64:ff9b:1::", 48, "ipv6"],
  ["2002::", 16, "ipv6"],
  ["fe80::", 10, "ipv6"],
  ["ff00::", 8, "ipv6"],
];
const LOOPBACK: typeof NEVER = [
  ["127.0.0.0", 8, "ipv4"],
  ["::1", 128, "ipv6"],
];

/** Which addresses a webhook may call. */
export interface Addresses {
  mayCall(address: string): boolean;
  /** Resolves names for a connection, and leaves out what may not be called: so a name cannot change its address after a check. */
  readonly lookup: LookupFunction;
  /** Throws `request.invalid` for an address that is no use as it stands: a name is looked at when it is called. */
  mustBeUsable(url: string): void;
}

const refused = (what: string): FlashlineError =>
  new FlashlineError("request.invalid", `${what} may not be called by webhooks.`, {
    parameters: { address: what },
  });

export function addresses({ loopback }: { readonly loopback: boolean }): Addresses {
  const blocked = new BlockList();
  for (const [net, prefix, family] of [...NEVER, ...(loopback ? [] : LOOPBACK)]) {
    blocked.addSubnet(net, prefix, family);
  }
  const mayCall = (address: string): boolean => {
    const family = isIP(address);
    return family !== 0 && !blocked.check(address, family === 6 ? "ipv6" : "ipv4");
  };
  return {
    mayCall,
    lookup(hostname, options, callback) {
      resolve(hostname, { ...options, all: true }, (error, found) => {
        if (error !== null) return callback(error, "", 0);
        const allowed = found.filter(({ address }) => mayCall(address));
        const [first] = allowed;
        if (first === undefined) {
          const where = found.map(({ address }) => address).join(", ");
          return callback(refused(`${hostname} (${where})`), "", 0);
        }
        if (options.all === true) return callback(null, allowed);
        return callback(null, first.address, first.family);
      });
    },
    mustBeUsable(text) {
      const { hostname, username, password } = new URL(text);
      if (username !== "" || password !== "") {
        throw new FlashlineError(
          "request.invalid",
          "The address has a password in it: messages are signed instead.",
        );
      }
      const literal = hostname.replace(/^\[|\]$/g, "");
      const isName = isIP(literal) === 0;
      const isSelf = !loopback && /^(.+\.)?localhost\.?$/.test(literal);
      if (isSelf || (!isName && !mayCall(literal))) throw refused(literal);
    },
  };
}
