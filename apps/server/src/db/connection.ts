import pg from "pg";
import { forgetPlans, isStalePlan, statementName } from "./prepared.ts";

/** How long a connection may take to open, or a query to wait for a free one, milliseconds. */
const CONNECT_MS = 3_000;
/** The same where nobody waits for an answer: at a start, when a machine may be busy with starting everything. Milliseconds. */
const PATIENT_CONNECT_MS = 30_000;
/** After this PostgreSQL itself gives a statement up, milliseconds. */
const STATEMENT_MS = 9_000;
/** After this an answer is not waited for any more, milliseconds. A connection whose other end is gone does not say so. */
const ANSWER_MS = 9_500;
/** A server that stopped in the middle of a transaction holds its locks no longer than this, milliseconds. */
const IDLE_IN_TRANSACTION_MS = 10_000;
const KEEP_ALIVE_MS = 5_000;

/** What `pg` says when {@link ANSWER_MS} are over. */
const NOT_ANSWERED = "Query read timeout";

/** What {@link SafeClient} takes beside `pg`'s own settings; a pool hands them on. */
export interface SafeClientConfig extends pg.ClientConfig {
  /** Every statement with parameters is planned once a connection, under a name made of its text. */
  readonly prepare?: boolean;
}

/**
 * A connection that never ends the process. `pg` reports a lost connection as an `error` event, also while nobody listens, and
 * Node ends a process for an `error` event that nobody hears. Who waits for an answer is told by the rejection. A connection
 * that did not answer in time is cut, because `pg` would keep the next queries waiting behind it.
 */
export class SafeClient extends pg.Client {
  constructor(config?: string | SafeClientConfig) {
    super(config);
    this.on("error", heard);
    const prepare = typeof config === "object" && config.prepare === true;
    const query = this.query.bind(this) as (...args: unknown[]) => unknown;
    const bounded = (...args: unknown[]): unknown => {
      const answer = query(...(prepare ? named(args) : args));
      if (answer instanceof Promise) answer.catch((error: unknown) => this.#lookAt(error));
      return answer;
    };
    this.query = bounded as pg.Client["query"];
  }

  /** BullMQ removes every listener before it closes a connection, which may be lost at that very moment. */
  override removeAllListeners(event?: string | symbol): this {
    super.removeAllListeners(event);
    if (event === undefined || event === "error") this.on("error", heard);
    return this;
  }

  /** Ends the connection at once, whatever is still to come on it: `end` would wait for that. Who waits is told of `error`. */
  cut(error?: Error): void {
    // `pg` has no public way to do it.
    const { connection } = this as unknown as { connection: pg.Connection };
    connection.stream.destroy(error);
  }

  /** PostgreSQL's process of this connection; null before it is open. */
  get processId(): number | null {
    // `pg` does not tell it in its types.
    const { processID } = this as unknown as { processID: number | null };
    return processID;
  }

  #lookAt(error: unknown): void {
    if (isStalePlan(error)) forgetPlans();
    if (error instanceof Error && error.message === NOT_ANSWERED) this.cut(error);
  }
}

function heard(): void {}

/** The same call of `query`, by the name of its statement where it has parameters. */
function named(args: unknown[]): unknown[] {
  const [text, values, ...rest] = args;
  if (typeof text !== "string" || !Array.isArray(values) || values.length === 0) return args;
  const name = statementName(text);
  return name === undefined ? args : [{ name, text, values }, ...rest];
}

/** For everything that talks to PostgreSQL while the server works: no wait is longer than 10 s. */
export const boundedConnection = (url: string, name: string, prepare = true) =>
  ({
    connectionString: url,
    prepare,
    // Compiling a plan takes longer than any statement here runs. What is asked for lies in memory or on a fast disk: with PostgreSQL's own
    // figure, which is for turning disks, a table is read whole until it has some hundred rows, and prepared plans keep that.
    options: "-c jit=off -c random_page_cost=1.1",
    application_name: name,
    connectionTimeoutMillis: CONNECT_MS,
    statement_timeout: STATEMENT_MS,
    query_timeout: ANSWER_MS,
    idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_MS,
    keepAlive: true,
    keepAliveInitialDelayMillis: KEEP_ALIVE_MS,
  }) as const satisfies SafeClientConfig;

/** For work without a time limit: migrations, the embedded cluster, back-ups. Only the opening is bounded. */
export const patientConnection = (url: string, name = "flashline-admin") =>
  ({
    connectionString: url,
    application_name: name,
    connectionTimeoutMillis: PATIENT_CONNECT_MS,
    keepAlive: true,
  }) as const satisfies pg.ClientConfig;
