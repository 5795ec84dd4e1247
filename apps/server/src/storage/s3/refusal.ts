import { BlobsUnavailable } from "../blobs.ts";
import type { S3Place } from "./place.ts";
import type { S3Answer } from "./request.ts";

/** What an S3 says is wrong: its own code, empty where it says nothing. */
export const codeIn = ({ body }: S3Answer): string =>
  /<Code>(\w+)<\/Code>/.exec(body.toString("utf8", 0, 2_000))?.[1] ?? "";

/** What a person changes for the codes that a wrong configuration gets. */
const ADVICE: Readonly<Record<string, string>> = {
  NoSuchBucket: "there is no such bucket: make it, or mend FLASHLINE_BLOBS",
  InvalidAccessKeyId: "it does not know the key of AWS_ACCESS_KEY_ID",
  SignatureDoesNotMatch: "AWS_SECRET_ACCESS_KEY is not the secret of AWS_ACCESS_KEY_ID",
  AccessDenied: "the key may not: it needs s3:ListBucket, s3:GetObject and s3:PutObject there",
  AuthorizationHeaderMalformed: "AWS_REGION is not the bucket's region",
  PermanentRedirect: "the bucket is elsewhere: mend AWS_REGION or AWS_ENDPOINT_URL_S3",
  RequestTimeTooSkewed: "its clock and this server's differ by more than it takes",
};

/** Turns an answer of the store that the server did not expect into an error with its reason. */
export function refusalFrom(place: S3Place, answer: S3Answer): BlobsUnavailable {
  const { status } = answer;
  const code = codeIn(answer);
  const said = code === "" ? String(status) : `${status} ${code}`;
  if (status >= 500 || status === 429 || status === 408) {
    return new BlobsUnavailable(`The store of images ${place.name} answers ${said}.`, {
      away: true,
    });
  }
  const advice = ADVICE[code] ?? "it refuses this server's request";
  return new BlobsUnavailable(`The store of images ${place.name} answers ${said}: ${advice}.`);
}
