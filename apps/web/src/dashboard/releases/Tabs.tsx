import { Link } from "@tanstack/react-router";

export function ReleaseTabs() {
  return (
    <div className="tabs">
      <Link to="/releases" activeOptions={{ includeSearch: false }}>
        Releases
      </Link>
      <Link to="/exceptions">Exceptions</Link>
    </div>
  );
}
