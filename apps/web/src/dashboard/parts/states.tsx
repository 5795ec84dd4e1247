import { Icon } from "../../shared/icons.tsx";
import { failureOf, isMissing } from "../api/client.ts";

export function Loading({ lines = 4 }: { readonly lines?: number }) {
  return (
    <div className="loading" role="status">
      <span className="unseen">Loading</span>
      {Array.from({ length: lines }, (_, line) => `line ${line}`).map((key) => (
        <i key={key} />
      ))}
    </div>
  );
}

interface EmptyProps {
  readonly title: string;
  readonly children?: React.ReactNode;
}

/** Nothing there yet, and what makes something come. */
export function Empty({ title, children }: EmptyProps) {
  return (
    <div className="empty-note">
      <b>{title}</b>
      {children !== undefined && <p>{children}</p>}
    </div>
  );
}

/** What is told to who stands at a station is of no use to the lead that it sends for. */
const isForOperators = (action: string): boolean => action.includes("Call the lead");

/** What the server refused or why it could not be asked: always with a code, and with what to do. */
export function ErrorNote({
  error,
  onRetry,
}: {
  readonly error: unknown;
  readonly onRetry?: () => void;
}) {
  const failure = failureOf(error);
  return (
    <div className="error-note" role="alert">
      <Icon name="warning" size={20} />
      <div>
        <b>{failure.message}</b>
        {!isForOperators(failure.action) && <p>{failure.action}</p>}
        <p className="mono small">
          {failure.code}
          {failure.requestId !== null && ` · request ${failure.requestId}`}
        </p>
      </div>
      {onRetry !== undefined && (
        <button type="button" className="b" onClick={onRetry}>
          Try again
        </button>
      )}
    </div>
  );
}

interface Asked<T> {
  readonly data: T | undefined;
  readonly error: unknown;
  readonly refetch: () => unknown;
  /** The answer is to what was asked before. */
  readonly isPlaceholderData?: boolean;
}

/**
 * One place for the states of a question: waiting, failed, answered (even when a later question fails), and asked anew with other filters: what was
 * answered before is dimmed until then.
 */
export function Answered<T>(props: {
  readonly query: Asked<T>;
  /** What to say where the address names nothing; asking again would not help. */
  readonly missing?: string;
  readonly lines?: number;
  readonly children: (data: T) => React.ReactNode;
}) {
  const { data, error, refetch } = props.query;
  if (props.missing !== undefined && isMissing(error)) {
    return (
      <section className="card">
        <Empty title={props.missing}>The address is wrong, or what it named is gone.</Empty>
      </section>
    );
  }
  return (
    <>
      {error !== null && <ErrorNote error={error} onRetry={() => void refetch()} />}
      {props.query.isPlaceholderData === true && (
        <p className="unseen before" role="status">
          Asking …
        </p>
      )}
      {data === undefined
        ? error === null && (
            <Loading {...(props.lines === undefined ? {} : { lines: props.lines })} />
          )
        : props.children(data)}
    </>
  );
}
