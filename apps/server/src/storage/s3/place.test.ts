import { expect, test } from "vitest";
import type { S3Access } from "../../config/s3.ts";
import { s3Place } from "./place.ts";
import { signed } from "./request.ts";

const ACCESS: S3Access = {
  endpoint: undefined,
  region: "eu-central-1",
  pathStyle: false,
  accessKeyId: "k",
  secretAccessKey: "s",
};

test.each([
  ["s3://images", {}, "https://images.s3.eu-central-1.amazonaws.com", ""],
  ["s3://images/graz/l3/", {}, "https://images.s3.eu-central-1.amazonaws.com", "graz/l3/"],
  [
    "s3://images/graz",
    { endpoint: "http://minio:9000", pathStyle: true },
    "http://minio:9000/images",
    "graz/",
  ],
  [
    "s3://images",
    { endpoint: "https://s3.plant/", pathStyle: false },
    "https://images.s3.plant",
    "",
  ],
  [
    "s3://images",
    { endpoint: "https://s3.plant/x/", pathStyle: true },
    "https://s3.plant/x/images",
    "",
  ],
])("%s with %o is at %s, below %j", (address, access, bucketUrl, prefix) => {
  expect(s3Place(address, { ...ACCESS, ...access })).toMatchObject({ bucketUrl, prefix });
});

test.each(["s3://", "s3://Images", "s3://im", "s3://images/a b", "s3://images/ä", "gs://images"])(
  "%s is no address",
  (address) => {
    expect(() => s3Place(address, ACCESS)).toThrow("no address like");
  },
);

test("a request is signed as Amazon's own example of listing a bucket is", async () => {
  // Amazon S3, API reference, "Signature calculations for the Authorization header", example "GET Bucket (List Objects)".
  const place = s3Place("s3://examplebucket", {
    endpoint: "https://s3.amazonaws.com",
    region: "us-east-1",
    pathStyle: false,
    accessKeyId: "AKIAIOSFODNN7EXAMPLE",
    secretAccessKey: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
  });
  const request = { method: "GET", path: "?max-keys=2&prefix=J" } as const;
  const { url, headers } = await signed(place, request, "20130524T000000Z");
  expect(url.href).toBe("https://examplebucket.s3.amazonaws.com/?max-keys=2&prefix=J");
  expect(headers.get("authorization")).toBe(
    "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request, SignedHeaders=host;x-amz-content-sha256;x-amz-date, Signature=34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7",
  );
});
