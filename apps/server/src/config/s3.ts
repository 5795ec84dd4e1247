/** How the server speaks to an S3, from its settings. */
export interface S3Access {
  /** Undefined: Amazon's own, of the region. */
  readonly endpoint: string | undefined;
  readonly region: string;
  /** The bucket stands in the path, not in the host's name. */
  readonly pathStyle: boolean;
  readonly accessKeyId: string | undefined;
  readonly secretAccessKey: string | undefined;
}

/** What an address of a folder in a bucket looks like: bucket, then prefix. */
export const S3_ADDRESS = /^s3:\/\/([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])((?:\/[\w.-]+)*)\/?$/;
