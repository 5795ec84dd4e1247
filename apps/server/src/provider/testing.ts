import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import Provider from "oidc-provider";

/** Somebody whom the provider knows. */
export interface KnownPerson {
  readonly name: string;
  readonly groups: readonly string[];
}

/** A provider that runs on this machine, and a browser to log in at it. */
export interface RunningProvider {
  readonly issuer: string;
  /** By subject. May be changed while it runs. */
  readonly people: Map<string, KnownPerson>;
  /** Goes where `url` says, logs in as `subject` and agrees; the address at which the provider sends the browser back. */
  walk(url: string, subject: string): Promise<URL>;
  /** The same for a browser that stays: where it is logged in already it is not asked again. It also agrees to be logged out. */
  browser(): (url: string, subject: string) => Promise<URL>;
  close(): Promise<void>;
}

/** The client that the provider knows. */
export const CLIENT = { id: "flashline", secret: "the secret of the test's client" } as const;

/** How long the provider's ID tokens are valid, seconds. */
export const ID_TOKEN_S = 60;

/** Cookies of one browser at the provider, and where it stands. It comes back to addresses that begin with `backTo`. */
function browser(backTo: string) {
  const jar = new Map<string, string>();
  async function ask(url: URL, form?: URLSearchParams): Promise<Response> {
    const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join("; ");
    const answer = await fetch(url, {
      redirect: "manual",
      headers: { cookie },
      ...(form === undefined ? {} : { method: "POST", body: form }),
    });
    for (const line of answer.headers.getSetCookie()) {
      const [pair = ""] = line.split(";");
      const at = pair.indexOf("=");
      jar.set(pair.slice(0, at), pair.slice(at + 1));
    }
    return answer;
  }
  return async (start: string, subject: string): Promise<URL> => {
    let url = new URL(start);
    let form: URLSearchParams | undefined;
    for (let step = 0; step < 20; step += 1) {
      const answer = await ask(url, form);
      const location = answer.headers.get("location");
      form = undefined;
      if (location !== null) {
        url = new URL(location, url);
        if (url.href.startsWith(backTo)) return url;
        continue;
      }
      const page = await answer.text();
      const [, action] = /<form[^>]* action="([^"]+)"/.exec(page) ?? [];
      const [, xsrf] = /name="xsrf" value="(\w+)"/.exec(page) ?? [];
      if (action !== undefined && xsrf !== undefined) {
        url = new URL(action, url);
        form = new URLSearchParams({ xsrf, logout: "yes" });
        continue;
      }
      const [, prompt] = /name="prompt" value="(\w+)"/.exec(page) ?? [];
      if (action === undefined || prompt === undefined) {
        throw new RangeError(`${answer.status} at ${url.href}: ${page.slice(0, 500)}`);
      }
      url = new URL(action, url);
      form = new URLSearchParams({ prompt, login: subject, password: "any" });
    }
    throw new RangeError(`The provider goes round in circles: ${url.href}`);
  };
}

/**
 * Starts the certified `oidc-provider`, whose own pages take every name and password. `backTo`: where it may send a browser.
 * `way`: how the client proves itself, and the only way that this provider takes.
 */
export async function startProvider(
  backTo: string,
  way: "client_secret_post" | "client_secret_basic" = "client_secret_post",
): Promise<RunningProvider> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const issuer = `http://127.0.0.1:${port}`;
  const people = new Map<string, KnownPerson>();
  const provider = new Provider(issuer, {
    clients: [
      {
        client_id: CLIENT.id,
        client_secret: CLIENT.secret,
        redirect_uris: [backTo],
        post_logout_redirect_uris: [new URL("/", backTo).href],
        token_endpoint_auth_method: way,
      },
    ],
    clientAuthMethods: [way],
    ttl: { IdToken: ID_TOKEN_S },
    claims: { openid: ["sub"], profile: ["preferred_username", "groups"] },
    cookies: { keys: ["a key of the test"] },
    findAccount: (_context, subject) => {
      const person = people.get(subject);
      if (person === undefined) return undefined;
      return {
        accountId: subject,
        claims: () => ({
          sub: subject,
          preferred_username: person.name,
          groups: [...person.groups],
        }),
      };
    },
  });
  server.on("request", provider.callback());
  return {
    issuer,
    people,
    walk: (url, subject) => browser(backTo)(url, subject),
    browser: () => browser(new URL("/", backTo).href),
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}
