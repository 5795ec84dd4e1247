import { STATUS_CODES } from "node:http";
import type { Socket } from "node:net";
import { FlashlineError } from "@flashline/contract";

/**
 * Node's own refusals, before there is a request that a route could answer. An agent repeats what is refused with these codes: a
 * network or a proxy can make a request such, the agent cannot.
 */
function refusalOf(code: string | undefined): FlashlineError {
  if (code === "ERR_HTTP_REQUEST_TIMEOUT") return new FlashlineError("request.timeout");
  return new FlashlineError(
    "request.garbled",
    code === "HPE_HEADER_OVERFLOW"
      ? "The request's headers are too large."
      : "What came in is no whole HTTP request.",
  );
}

/** Answers what is no whole request with the contract's body, and ends the connection. */
export function answerClientError(error: Error & { readonly code?: string }, socket: Socket): void {
  if (error.code === "ECONNRESET" || socket.destroyed) return;
  if (!socket.writable) {
    socket.destroy();
    return;
  }
  const refusal = refusalOf(error.code);
  const body = JSON.stringify(refusal.body());
  const head = [
    `HTTP/1.1 ${refusal.status} ${STATUS_CODES[refusal.status]}`,
    "Content-Type: application/json; charset=utf-8",
    `Content-Length: ${Buffer.byteLength(body)}`,
    "Connection: close",
  ];
  socket.write(`${head.join("\r\n")}\r\n\r\n${body}`);
  // As Node does. A caller that reads nothing must not keep the connection.
  socket.destroy();
}
