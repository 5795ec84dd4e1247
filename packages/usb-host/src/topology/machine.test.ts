import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { machineId } from "./machine.ts";

test("the machine's id is stable and does not give the machine-id away", async () => {
  const root = await mkdtemp(join(tmpdir(), "machine-"));
  try {
    const withoutFile = machineId(root);
    await mkdir(join(root, "etc"));
    const secret = "8f3c1c0e2b5d4d6a9f1e7a5b3c2d1e0f";
    await writeFile(join(root, "etc/machine-id"), `${secret}\n`);
    const id = machineId(root);
    expect(id).toMatch(/^[0-9a-f]{16}$/);
    expect(id).toBe(machineId(root));
    expect(id).not.toBe(withoutFile);
    expect(secret).not.toContain(id);
  } finally {
    await rm(root, { recursive: true });
  }
});
