import pg from "pg";
import { newId } from "../ids.ts";
import type { OpenLine } from "./bus.ts";

const CHANNEL = "flashline_bus";
/** NOTIFY takes 8000 bytes of text: as base64 a third more than these, and a header. */
const PART = 5_000;
const RETRY_MS = 1_000;

interface Parts {
  readonly parts: Buffer[];
  missing: number;
}

/** Puts messages together again that were longer than one NOTIFY. Incomplete ones are forgotten beyond the newest 100. */
function joiner(receive: (text: string) => void) {
  const open = new Map<string, Parts>();
  return (payload: string) => {
    const [id = "", position = "", count = ""] = payload.split("/", 3);
    const part = Buffer.from(
      payload.slice(id.length + position.length + count.length + 3),
      "base64",
    );
    if (count === "1") return receive(part.toString("utf8"));
    const entry = open.get(id) ?? { parts: [], missing: Number(count) };
    open.set(id, entry);
    entry.parts[Number(position)] = part;
    entry.missing -= 1;
    if (entry.missing === 0) {
      open.delete(id);
      return receive(Buffer.concat(entry.parts).toString("utf8"));
    }
    const [oldest] = open.keys();
    if (open.size > 100 && oldest !== undefined) open.delete(oldest);
    return undefined;
  };
}

/** Replicas that share PostgreSQL: LISTEN on one own connection, NOTIFY over `send`. */
export function postgresLine(
  url: string,
  send: (text: string, values: readonly unknown[]) => Promise<unknown>,
): OpenLine {
  return async (receive, onError) => {
    const join = joiner(receive);
    let closed = false;
    let client: pg.Client | undefined;
    let retry: NodeJS.Timeout | undefined;
    const connect = async () => {
      const next = new pg.Client({
        connectionString: url,
        keepAlive: true,
        application_name: "flashline-bus",
      });
      client = next;
      next.on("notification", ({ payload }) => join(payload ?? ""));
      next.on("error", (error) => {
        if (!closed) onError(error);
      });
      next.on("end", () => {
        if (!closed && client === next) later();
      });
      await next.connect();
      await next.query(`LISTEN ${CHANNEL}`);
    };
    const later = () => {
      clearTimeout(retry);
      retry = setTimeout(() => {
        connect().catch((error: unknown) => {
          onError(error);
          if (!closed) later();
        });
      }, RETRY_MS);
    };
    await connect();
    return {
      async send(text) {
        const id = newId();
        const bytes = Buffer.from(text, "utf8");
        const count = Math.max(1, Math.ceil(bytes.length / PART));
        for (let at = 0; at < count; at += 1) {
          const part = bytes.subarray(at * PART, (at + 1) * PART).toString("base64");
          await send("SELECT pg_notify($1, $2)", [CHANNEL, `${id}/${at}/${count}/${part}`]);
        }
      },
      async close() {
        closed = true;
        clearTimeout(retry);
        await client?.end();
      },
    };
  };
}
