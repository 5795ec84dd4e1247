import { useMantineColorScheme } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, Outlet, useLocation } from "@tanstack/react-router";
import { Icon, type IconName } from "../../shared/icons.tsx";
import { call, isLoggedOut } from "../api/client.ts";
import { type LiveState, useLive } from "../api/live.ts";
import { queries } from "../api/queries.ts";
import { usePlantZone } from "../parts/PageHead.tsx";
import { ErrorNote, Loading } from "../parts/states.tsx";
import { clock } from "../parts/time.ts";
import { LeadCalls } from "./LeadCalls.tsx";
import { LoginPage } from "./LoginPage.tsx";

const PAGES = [
  { to: "/", icon: "chart", name: "Yield" },
  { to: "/stations", icon: "station", name: "Stations" },
  { to: "/hosts", icon: "host", name: "Hosts" },
  { to: "/units", icon: "chip", name: "Units" },
  { to: "/attempts", icon: "list", name: "Attempts" },
  { to: "/releases", icon: "release", name: "Releases" },
  { to: "/work-orders", icon: "order", name: "Work orders" },
] as const satisfies readonly { to: string; icon: IconName; name: string }[];

/** Around every page: who is logged in decides whether there is one. */
export function Shell() {
  const session = useQuery(queries.session());
  if (isLoggedOut(session.error)) return <LoginPage />;
  if (session.data === undefined) {
    return (
      <div className="alone">
        {session.error === null ? <Loading /> : <ErrorNote error={session.error} />}
      </div>
    );
  }
  return <Frame name={session.data.name} role={session.data.role} />;
}

function Frame({ name, role }: { readonly name: string; readonly role: string }) {
  const live = useLive();
  const path = useLocation({ select: (location) => location.pathname });
  return (
    <div className="shell">
      <a className="skip" href="#content">
        Skip to the page
      </a>
      <nav aria-label="Pages">
        <Link to="/" className="brand">
          Flashline
        </Link>
        {PAGES.map((page) => (
          <Link
            key={page.to}
            to={page.to}
            className="page-link"
            activeOptions={{ exact: page.to === "/", includeSearch: false }}
          >
            <Icon name={page.icon} size={18} />
            <span>{page.name}</span>
            {page.to === "/hosts" && <FlaggedHosts />}
          </Link>
        ))}
        <span className="space" />
        <Person name={name} role={role} />
      </nav>
      <div className="content" id="content" key={path}>
        <LiveNote live={live} />
        <LeadCalls role={role} />
        <Outlet />
      </div>
    </div>
  );
}

function FlaggedHosts() {
  const { data } = useQuery(queries.hosts());
  const flagged = (data?.hosts ?? []).filter((host) =>
    ["SUSPECT", "QUARANTINED"].includes(host.verdict),
  ).length;
  if (flagged === 0) return null;
  return (
    <span className="dot">
      {flagged}
      <span className="unseen"> to look at</span>
    </span>
  );
}

function Person({ name, role }: { readonly name: string; readonly role: string }) {
  const client = useQueryClient();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const dark =
    colorScheme === "dark" ||
    (colorScheme === "auto" && matchMedia("(prefers-color-scheme: dark)").matches);
  const logOut = (): void => {
    void call("logout", {}).finally(() => {
      client.clear();
      void client.invalidateQueries();
      location.assign("/");
    });
  };
  return (
    <div className="person">
      <span className="who">
        <b>{name}</b>
        <span>{role}</span>
      </span>
      <button type="button" onClick={() => setColorScheme(dark ? "light" : "dark")}>
        <Icon name={dark ? "sun" : "moon"} size={18} />
        <span className="unseen">{dark ? "Light colours" : "Dark colours"}</span>
      </button>
      <button type="button" onClick={logOut}>
        <Icon name="leave" size={18} />
        <span className="unseen">Log out</span>
      </button>
    </div>
  );
}

function LiveNote({ live }: { readonly live: LiveState }) {
  const zone = usePlantZone();
  if (live.state !== "broken") return null;
  return (
    <p className="not-live hatch" role="status">
      <Icon name="warning" size={18} />
      Not live since {clock(live.since, zone)}. What you see may be old. Connecting again …
    </p>
  );
}
