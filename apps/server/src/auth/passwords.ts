import { FlashlineError, LEAST_PASSWORD } from "@flashline/contract";
import { hash, verify } from "@node-rs/argon2";

/** argon2id with the parameters of OWASP's password storage guide: 19 MiB, two passes, one lane. */
const ARGON2 = { memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const;

/** What is stored of a new password. Rejects with `request.invalid` where it is too short. */
export async function hashPassword(password: string): Promise<string> {
  if (password.length >= LEAST_PASSWORD) return await hash(password, ARGON2);
  throw new FlashlineError(
    "request.invalid",
    `A password has at least ${LEAST_PASSWORD} characters.`,
    { parameters: { least: LEAST_PASSWORD } },
  );
}

let decoy: Promise<string> | undefined;

/** Takes as long where there is no hash, so that nobody learns who has a password. */
export async function isPassword(passwordHash: string | null, password: string): Promise<boolean> {
  decoy ??= hash("no password has this hash", ARGON2);
  const right = await verify(passwordHash ?? (await decoy), password);
  return right && passwordHash !== null;
}
