import { Link } from "@tanstack/react-router";
import { useAllowed } from "../act/rights.ts";

export function PeopleTabs() {
  return (
    <div className="tabs">
      <Link to="/people">People</Link>
      <Link to="/badges">Badges</Link>
    </div>
  );
}

export function KeyTabs() {
  const mayTokens = useAllowed("tokens");
  return (
    <div className="tabs">
      <Link to="/keys">Release keys</Link>
      {mayTokens && <Link to="/tokens">API tokens</Link>}
    </div>
  );
}
