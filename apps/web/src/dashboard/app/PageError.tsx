import { type ErrorComponentProps, Link } from "@tanstack/react-router";
import { PageHead } from "../parts/PageHead.tsx";
import { Empty } from "../parts/states.tsx";

/** A page that could not be drawn: the others go on. */
export function PageError({ error }: ErrorComponentProps) {
  return (
    <main>
      <PageHead title="This page failed" asOf={null} />
      <section className="card" role="alert">
        <Empty title="The page has an error, or its address has.">
          <button type="button" className="b" onClick={() => location.reload()}>
            Load it again
          </button>{" "}
          <Link to="/" className="b">
            Go to the line
          </Link>
        </Empty>
        <p className="mono small">{error instanceof Error ? error.message : String(error)}</p>
      </section>
    </main>
  );
}
