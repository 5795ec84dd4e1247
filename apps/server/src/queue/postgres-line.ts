import type pg from "pg";
import { boundedConnection, SafeClient } from "../db/connection.ts";
import { LOSABLE } from "../db/losable.ts";
import { newId } from "../ids.ts";
import type { OpenLine } from "./bus.ts";

const CHANNEL = "flashline_bus";
/** NOTIFY takes 8000 bytes of text: as base64 a third more than these, and a header. */
const PART = 5_000;
/** PostgreSQL lets one transaction with a NOTIFY commit at a time: it must not wait for the disk meanwhile. */
const NOTIFY = `SELECT pg_notify($1, $2), ${LOSABLE}`;
const RETRY_MS = 1_000;
/** A line whose other end is gone never says so: it is asked this often, milliseconds. */
const LOOK_MS = 5_000;
/** Message, part from 0, number of parts, the part's bytes. Anybody with the database's password can send others. */
const PAYLOAD = /^([^/]+)\/(\d+)\/(\d+)\/(.*)$/;

/** Puts messages together again that were longer than one NOTIFY. Incomplete ones are forgotten beyond the newest 100. */
function joiner(receive: (text: string) => void) {
  const open = new Map<string, Map<number, Buffer>>();
  return (payload: string): void => {
    const found = PAYLOAD.exec(payload);
    if (found === null) return;
    const [, id = "", position, total, base64 = ""] = found;
    const count = Number(total);
    if (Number(position) >= count) return;
    const parts = open.get(id) ?? new Map<number, Buffer>();
    open.set(id, parts.set(Number(position), Buffer.from(base64, "base64")));
    if (parts.size === count) {
      open.delete(id);
      const inOrder = [...parts].sort(([a], [b]) => a - b).map(([, part]) => part);
      receive(Buffer.concat(inOrder).toString("utf8"));
    }
    const [oldest] = open.keys();
    if (open.size > 100 && oldest !== undefined) open.delete(oldest);
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
      const next = new SafeClient(boundedConnection(url, "flashline-bus"));
      next.on("notification", ({ payload }) => join(payload ?? ""));
      next.on("error", (error) => {
        if (!closed) onError(error);
      });
      next.on("end", () => {
        if (!closed && client === next) later();
      });
      try {
        await next.connect();
        await next.query(`LISTEN ${CHANNEL}`);
      } catch (error) {
        next.end().catch(() => undefined);
        throw error;
      }
      client = next;
      if (closed) await next.end();
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
    const looks = setInterval(() => {
      const asked = client;
      // A query that is not answered cuts the connection, which then ends and is opened anew.
      asked?.query("SELECT 1").catch((error: unknown) => {
        if (!closed && asked === client) onError(error);
      });
    }, LOOK_MS);
    return {
      async send(text) {
        const id = newId();
        const bytes = Buffer.from(text, "utf8");
        const count = Math.max(1, Math.ceil(bytes.length / PART));
        for (let at = 0; at < count; at += 1) {
          const part = bytes.subarray(at * PART, (at + 1) * PART).toString("base64");
          await send(NOTIFY, [CHANNEL, `${id}/${at}/${count}/${part}`]);
        }
      },
      async close() {
        closed = true;
        clearTimeout(retry);
        clearInterval(looks);
        await client?.end();
      },
    };
  };
}
