import { count } from "../../shared/format.ts";

/** How much of a list is shown, and the button that shows more; nothing where all of it is. */
export function ShowMore({
  shown,
  query,
}: {
  readonly shown: number;
  readonly query: {
    readonly hasNextPage: boolean;
    readonly isFetchingNextPage: boolean;
    readonly fetchNextPage: () => unknown;
  };
}) {
  if (!query.hasNextPage) return null;
  return (
    <div className="show-more">
      <span className="soft">{count(shown)} shown</span>
      <button
        type="button"
        className="b"
        disabled={query.isFetchingNextPage}
        onClick={() => void query.fetchNextPage()}
      >
        {query.isFetchingNextPage ? "Asking …" : "Show more"}
      </button>
    </div>
  );
}
