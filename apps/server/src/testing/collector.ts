import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { gunzipSync } from "node:zlib";

/** A span as it came over the wire. */
export interface ReceivedSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentId: string;
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
}

/** What a collector is to a test: the address that OTLP goes to, and what came, decoded by the protocol's own field numbers. */
export interface Collector {
  readonly url: string;
  readonly spans: readonly ReceivedSpan[];
  /** All bytes that came, as text. */
  readonly raw: string;
  close(): Promise<void>;
}

type Fields = ReadonlyMap<number, readonly (Buffer | bigint)[]>;

function varint(bytes: Buffer, from: number): readonly [bigint, number] {
  let value = 0n;
  for (let at = from, shift = 0n; ; at += 1, shift += 7n) {
    const byte = bytes.readUInt8(at);
    value |= BigInt(byte & 0x7f) << shift;
    if (byte < 0x80) return [value, at + 1];
  }
}

/** A message of Protocol Buffers by field numbers; https://protobuf.dev/programming-guides/encoding */
function fieldsOf(bytes: Buffer): Fields {
  const fields = new Map<number, (Buffer | bigint)[]>();
  for (let at = 0; at < bytes.length; ) {
    const [key, from] = varint(bytes, at);
    const kind = Number(key & 7n);
    let value: Buffer | bigint;
    if (kind === 0) [value, at] = varint(bytes, from);
    else {
      const [length, begin] =
        kind === 2 ? varint(bytes, from) : ([kind === 1 ? 8n : 4n, from] as const);
      at = begin + Number(length);
      value = bytes.subarray(begin, at);
    }
    const number = Number(key >> 3n);
    fields.set(number, [...(fields.get(number) ?? []), value]);
  }
  return fields;
}

const inside = (fields: Fields, number: number): readonly Buffer[] =>
  (fields.get(number) ?? []).filter((value) => Buffer.isBuffer(value));
const first = (fields: Fields, number: number): Buffer =>
  inside(fields, number)[0] ?? Buffer.alloc(0);

/** opentelemetry/proto/common/v1: KeyValue {key 1, value 2}, AnyValue {string 1, bool 2, int 3}. */
function attributeOf(bytes: Buffer): readonly [string, string] {
  const fields = fieldsOf(bytes);
  const value = fieldsOf(first(fields, 2));
  const plain = value.get(3)?.[0] ?? value.get(2)?.[0];
  return [String(first(fields, 1)), plain === undefined ? String(first(value, 1)) : String(plain)];
}

/** opentelemetry/proto/trace/v1: request {resource_spans 1} → {scope_spans 2} → {spans 2}. */
const spansOf = (bytes: Buffer): readonly ReceivedSpan[] =>
  inside(fieldsOf(bytes), 1)
    .flatMap((resource) => inside(fieldsOf(resource), 2))
    .flatMap((scope) => inside(fieldsOf(scope), 2))
    .map(fieldsOf)
    .map((span) => ({
      traceId: first(span, 1).toString("hex"),
      spanId: first(span, 2).toString("hex"),
      parentId: first(span, 4).toString("hex"),
      name: String(first(span, 5)),
      attributes: Object.fromEntries(inside(span, 9).map(attributeOf)),
    }));

/** An HTTP server that takes OTLP in Protocol Buffers and keeps what it decoded. */
export async function startCollector(): Promise<Collector> {
  const spans: ReceivedSpan[] = [];
  let raw = "";
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const sent = Buffer.concat(chunks);
    const bytes = request.headers["content-encoding"] === "gzip" ? gunzipSync(sent) : sent;
    const isRight =
      request.url === "/v1/traces" && request.headers["content-type"] === "application/x-protobuf";
    raw += bytes.toString("latin1");
    if (isRight) spans.push(...spansOf(bytes));
    response.writeHead(isRight ? 200 : 400, { "content-type": "application/x-protobuf" }).end();
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    spans,
    get raw() {
      return raw;
    },
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}
