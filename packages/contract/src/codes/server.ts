import { CALL, type ContractCodeEntry, image, system } from "./entry.ts";

/** What a server says of a request, and of itself. */
export const SERVER_CODES = {
  "request.invalid": system(
    400,
    CALL,
    "The request does not have the form that this endpoint takes.",
  ),
  "request.not_found": system(404, CALL, "There is nothing under this address."),
  "request.too_large": system(413, CALL, "The request's body is larger than this endpoint takes."),
  "request.rate_limited": system(429, "Wait a moment.", "Too many requests in a short time."),
  "request.timeout": system(408, "Wait a moment.", "The request did not come in whole in time."),
  "request.garbled": system(400, "Wait a moment.", "The request did not come in as it was sent."),
  "request.conflict": system(409, CALL, "This exists already, with other content."),
  "protocol.unsupported": system(
    426,
    "Update the agent.",
    "The agent's protocol number is outside the range that this server takes.",
  ),
  "server.internal": system(500, CALL, "The server failed; the log has the request's id."),
  "server.unavailable": system(
    503,
    "Wait. Results are safe.",
    "The server or its database is not reachable.",
  ),
  "server.disk_full": system(
    507,
    "Wait. Results are safe.",
    "A disk of the server or of its database is full.",
  ),
  "upload.offset": image(
    409,
    "Go on where the upload stands.",
    "The part does not begin where the upload stands.",
  ),
  "upload.digest": image(
    422,
    "Upload the image again.",
    "The whole upload does not have the digest that was named; it was thrown away.",
  ),
  "upload.too_many": image(
    409,
    "Finish or drop other uploads, or wait.",
    "There are too many unfinished uploads.",
  ),
  "transcript.not_kept": system(
    404,
    CALL,
    "There is no transcript of it: it passed, or the time for which it is kept is over.",
  ),
  "transcript.invalid": system(422, CALL, "What was sent is no transcript."),
  "config.invalid": system(
    500,
    "Fix the configuration.",
    "The configuration has problems; all are listed.",
  ),
  "backup.target": system(
    409,
    "Name another place.",
    "A back-up cannot be taken from here, or neither written nor restored to this place.",
  ),
  "backup.unusable": system(
    422,
    "Use another back-up.",
    "This is no whole back-up that this version can restore.",
  ),
} as const satisfies Record<string, ContractCodeEntry>;
