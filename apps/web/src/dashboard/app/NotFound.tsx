import { Link } from "@tanstack/react-router";
import { Empty } from "../parts/states.tsx";

export function NotFound() {
  return (
    <main>
      <section className="card">
        <Empty title="There is no such page.">
          <Link to="/">Go to today's yield</Link>
        </Empty>
      </section>
    </main>
  );
}
