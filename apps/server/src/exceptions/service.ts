import {
  called,
  type Exception,
  type ExceptionDetail,
  type ExceptionView,
  FlashlineError,
  ReleaseState,
  readException,
  type SignedException,
} from "@flashline/contract";
import { noRowBefore } from "../http/lists.ts";
import type { KeysService } from "../keys/service.ts";
import type { Origin } from "../ledger/origin.ts";
import { bytesOf, checkSignature, signerOf } from "../releases/manifest.ts";
import type {
  ExceptionDetailRow,
  ExceptionFacts,
  ExceptionFilter,
  ExceptionRow,
  ExceptionsRepository,
} from "./repository.ts";

function viewOf(row: ExceptionRow): ExceptionView {
  return {
    ...row,
    from: row.from.toISOString(),
    until: row.until.toISOString(),
    addedAt: row.addedAt.toISOString(),
    withdrawnAt: row.withdrawnAt?.toISOString() ?? null,
  };
}
const shortOf = ({ usedBy: _, statement: __, signature: ___, ...row }: ExceptionDetailRow) =>
  viewOf(row);

/** The product's id. Throws why there is nothing here that the exception could be for. */
function mustFit(content: Exception, facts: ExceptionFacts): string {
  const { product, version, manifestSha256, lifts } = content;
  if (facts.productId === null) {
    throw new FlashlineError("release.product_unknown", `There is no product ${product}.`, {
      parameters: { product },
    });
  }
  if (facts.state === null) {
    // What is published with a used counter needs the exception before it is here.
    if (lifts.includes("release.counter_used")) return mustBeHere(content, facts);
    throw new FlashlineError(
      "exception.release_unknown",
      `No release here has the manifest ${manifestSha256}.`,
      { parameters: { sha256: manifestSha256 } },
    );
  }
  if (facts.releaseProductId !== facts.productId || facts.version !== version) {
    throw new FlashlineError(
      "exception.other",
      `The manifest is not of ${product} ${version}; here it is of version ${facts.version}.`,
      { parameters: { product, version } },
    );
  }
  if (facts.state === ReleaseState.Revoked) throw new FlashlineError("release.revoked");
  if (facts.keyRevoked) {
    throw new FlashlineError(
      "release.key_unknown",
      `The key that signed release ${version} was revoked: no exception helps it.`,
      { parameters: { version } },
    );
  }
  return mustBeHere(content, facts);
}

/** A misspelt name would make an exception that is for nobody. */
function mustBeHere({ plant = "", stations = [] }: Exception, facts: ExceptionFacts): string {
  if (!facts.plant) {
    throw new FlashlineError("request.invalid", `There is no ${called("plant", plant)}.`, {
      parameters: { plant },
    });
  }
  const unknown = stations.filter((name) => !facts.stations.includes(name)).join(", ");
  if (unknown !== "") {
    throw new FlashlineError("request.invalid", `There is no ${called("station", unknown)}.`, {
      parameters: { stations: unknown },
    });
  }
  return facts.productId ?? "";
}

export interface ExceptionsParts {
  readonly repository: ExceptionsRepository;
  readonly keys: Pick<KeysService, "signer">;
  /** After a commit: stations and pages should look again. */
  readonly changed: (exception: ExceptionView) => void;
}

/** Signed exceptions. What is signed, stored and sent on are the exact bytes that came. */
export function exceptionsService({ repository, keys, changed }: ExceptionsParts) {
  async function rowOf(id: string): Promise<ExceptionDetailRow> {
    const row = await repository.one(id);
    if (row === undefined) {
      throw new FlashlineError("request.not_found", "There is no such exception.");
    }
    return row;
  }
  /** The exception with this id, where it is the same. */
  async function existing(id: string, bytes: Buffer): Promise<ExceptionView | undefined> {
    const row = await repository.one(id);
    if (row === undefined || row.statement.equals(bytes)) return row && shortOf(row);
    throw new FlashlineError("request.conflict", `Another exception has the id ${id}.`, {
      parameters: { id },
    });
  }

  return {
    /** The latest first. */
    async list(filter: ExceptionFilter): Promise<ExceptionView[]> {
      const { product } = filter;
      if (product !== undefined && !(await repository.hasProduct(product))) {
        const what = called("product", product);
        throw new FlashlineError("request.not_found", `There is no ${what}.`, {
          parameters: { what },
        });
      }
      const rows = await repository.list(filter);
      if (rows.length === 0 && filter.after !== undefined) {
        if ((await repository.one(filter.after)) === undefined) throw noRowBefore();
      }
      return rows.map(viewOf);
    },
    async detail(id: string): Promise<ExceptionDetail> {
      const row = await rowOf(id);
      const { usedBy, signature } = row;
      return { ...shortOf(row), usedBy, statement: row.statement.toString("base64"), signature };
    },
    /** The same again answers with what became of it. */
    async add(
      signed: SignedException,
      by: Origin,
    ): Promise<{ readonly created: boolean; readonly exception: ExceptionView }> {
      const statement = bytesOf(signed.statement);
      const { signature } = signed;
      const keyId = signerOf(signature);
      const key = await keys.signer(keyId);
      if (key === undefined) {
        throw new FlashlineError("release.key_unknown", `Key ${keyId} is not trusted here.`, {
          parameters: { keyId },
        });
      }
      checkSignature(statement, signature, key.publicKey);
      const content = readException(statement.toString("utf8"));
      const { id, until } = content;
      const same = await existing(id, statement);
      if (same !== undefined) return { created: false, exception: same };
      if (key.retired) {
        throw new FlashlineError(
          "release.key_retired",
          `Key ${keyId} was retired: it signs no new exceptions.`,
          { parameters: { keyId } },
        );
      }
      if (Date.parse(until) <= Date.now()) {
        throw new FlashlineError("exception.not_now", `The exception ended at ${until}.`, {
          parameters: { until },
        });
      }
      const productId = mustFit(content, await repository.facts(content));
      const created = await repository.add({ content, productId, statement, signature, keyId }, by);
      // Whoever sent one with this id at the same time was faster.
      const exception = (await existing(id, statement)) ?? shortOf(await rowOf(id));
      if (created) changed(exception);
      return { created, exception };
    },
    /** One that was withdrawn before stays as it is. */
    async withdraw(id: string, reason: string, by: Origin): Promise<ExceptionView> {
      await rowOf(id);
      const withdrawn = await repository.withdraw(id, reason, by);
      const exception = shortOf(await rowOf(id));
      if (withdrawn) changed(exception);
      return exception;
    },
  };
}
