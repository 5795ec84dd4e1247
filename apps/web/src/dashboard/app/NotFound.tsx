import { Link } from "@tanstack/react-router";
import { PageHead } from "../parts/PageHead.tsx";
import { Empty } from "../parts/states.tsx";

export function NotFound() {
  return (
    <main>
      <PageHead title="Not found" asOf={null} />
      <section className="card">
        <Empty title="There is no such page.">
          <Link to="/">Go to the line</Link>
        </Empty>
      </section>
    </main>
  );
}
