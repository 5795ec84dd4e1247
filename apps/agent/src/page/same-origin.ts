const LOOPBACK_NAMES = new Set(["127.0.0.1", "localhost", "[::1]"]);

/**
 * Whether a request may speak to the page's API. The name in Host must be a loopback name: a web page whose own name was
 * pointed at 127.0.0.1 (DNS rebinding) sends its own. Origin, where a browser sends one, must be this very page.
 */
export function isOwnRequest(host: string | undefined, origin: string | undefined): boolean {
  const page = host === undefined ? undefined : urlOf(`http://${host}`);
  if (page === undefined || !LOOPBACK_NAMES.has(page.hostname) || page.host !== host) return false;
  if (origin === undefined) return true;
  return origin === page.origin;
}

function urlOf(text: string): URL | undefined {
  try {
    return new URL(text);
  } catch {
    return undefined;
  }
}
