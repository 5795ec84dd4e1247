import { Link } from "@tanstack/react-router";

export function AlarmTabs() {
  return (
    <div className="tabs">
      <Link to="/alarms" activeOptions={{ exact: true, includeSearch: false }}>
        Alarms
      </Link>
      <Link to="/alarms/rules">Rules</Link>
    </div>
  );
}
