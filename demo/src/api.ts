import { type Client, createClient, type FetchAnswer } from "@flashline/contract";

/** A typed caller of the server's API. */
export type Api = Client<AbortSignal>;

const REQUEST_MS = 30_000;

/** With a scoped token, as a CI job has one. */
export function tokenApi(baseUrl: string, token: string): Api {
  return createClient<AbortSignal>({
    baseUrl,
    fetch: (url, init) => fetch(url, { ...init, signal: AbortSignal.timeout(REQUEST_MS) }),
    headers: () => ({ authorization: `Bearer ${token}` }),
  });
}

/** As a person in a browser: session cookie, and the page's own origin. */
export async function personApi(baseUrl: string, name: string, password: string): Promise<Api> {
  let cookie = "";
  const api = createClient<AbortSignal>({
    baseUrl,
    fetch: async (url, init): Promise<FetchAnswer> => {
      const answer = await fetch(url, { ...init, signal: AbortSignal.timeout(REQUEST_MS) });
      const [set] = answer.headers.getSetCookie();
      if (set !== undefined) cookie = set.split(";")[0] ?? "";
      return answer;
    },
    headers: () => ({ origin: baseUrl, ...(cookie === "" ? {} : { cookie }) }),
  });
  await api("login", { body: { name, password } });
  return api;
}
