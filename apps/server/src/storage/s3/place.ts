import { FlashlineError } from "@flashline/contract";
import { S3_ADDRESS, type S3Access } from "../../config/s3.ts";

/** A folder in a bucket, with the key to it. */
export interface S3Place {
  /** "s3://bucket/prefix" */
  readonly name: string;
  /** Address of the bucket, without a slash at its end. */
  readonly bucketUrl: string;
  /** Begins every key: empty, or with a slash at its end. */
  readonly prefix: string;
  readonly region: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

/** Throws `config.invalid` when the address has another form, and when the access key or its secret is not set. */
export function s3Place(address: string, access: S3Access): S3Place {
  const [, bucket, path = ""] = S3_ADDRESS.exec(address) ?? [];
  if (bucket === undefined) {
    throw new FlashlineError(
      "config.invalid",
      `${address} is no address like s3://bucket/prefix.`,
      { parameters: { address } },
    );
  }
  const { endpoint, region, pathStyle, accessKeyId, secretAccessKey } = access;
  if (accessKeyId === undefined || secretAccessKey === undefined) {
    const message = `${address} needs AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.`;
    throw new FlashlineError("config.invalid", message);
  }
  const base = new URL(endpoint ?? `https://s3.${region}.amazonaws.com`);
  if (pathStyle) base.pathname = `${base.pathname.replace(/\/$/, "")}/${bucket}`;
  else base.hostname = `${bucket}.${base.hostname}`;
  return {
    name: `s3://${bucket}${path}`,
    bucketUrl: base.href.replace(/\/$/, ""),
    prefix: path === "" ? "" : `${path.slice(1)}/`,
    region,
    accessKeyId,
    secretAccessKey,
  };
}
