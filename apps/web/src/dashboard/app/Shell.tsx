import { AppShell, Burger } from "@mantine/core";
import { useDisclosure, useHotkeys, useMediaQuery } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { Link, Outlet, useLocation } from "@tanstack/react-router";
import { useEffect, useRef } from "react";
import { Icon } from "../../shared/icons.tsx";
import { isLoggedOut } from "../api/client.ts";
import { type LiveState, useLive } from "../api/live/use-live.ts";
import { queries } from "../api/queries.ts";
import { usePlantZone } from "../parts/PageHead.tsx";
import { ErrorNote, Loading } from "../parts/states.tsx";
import { clock } from "../parts/time.ts";
import { FinderButton } from "./finder/FinderButton.tsx";
import { useHeldEnter } from "./held-enter.ts";
import { LeadCalls } from "./LeadCalls.tsx";
import { LoginPage } from "./LoginPage.tsx";
import { Navigation } from "./navigation/Navigation.tsx";
import { Person } from "./Person.tsx";

/**
 * Around every page: who is logged in decides whether there is one. Where a session ends its page waits, out of sight, for the log-in: what somebody was
 * writing is still there.
 */
export function Shell() {
  const session = useQuery(queries.session());
  const wasOut = useRef(false);
  // While it is asked anew who is logged in, the log-in stays with what stands in its fields.
  const isOut = isLoggedOut(session.error) || (wasOut.current && session.isPending);
  useEffect(() => {
    wasOut.current = isOut;
  });
  const { data } = session;
  useHeldEnter();
  // Dialogs stand outside of the page.
  useEffect(() => {
    document.documentElement.classList.toggle("logged-out", isOut);
  }, [isOut]);
  if (data === undefined) {
    if (isOut) return <LoginPage />;
    return (
      <div className="alone">
        {session.error === null ? <Loading /> : <ErrorNote error={session.error} />}
      </div>
    );
  }
  return (
    <>
      {isOut && <LoginPage before={data.name} />}
      <div hidden={isOut}>
        <Frame name={data.name} role={data.role} />
      </div>
    </>
  );
}

const NAV_WIDTH = 204;
const BAR_HEIGHT = 52;
/** Below it the navigation lies behind a button. */
const BESIDE_FROM = "lg";

/** A picture for the wall has no navigation: nobody stands there to click. */
const useIsWall = (): boolean =>
  useLocation({ select: ({ search }) => "wall" in (search as Record<string, unknown>) });

function Frame({ name, role }: { readonly name: string; readonly role: string }) {
  const live = useLive();
  const path = useLocation({ select: (location) => location.pathname });
  const isWall = useIsWall();
  // The same width as BESIDE_FROM.
  const isBeside = useMediaQuery("(min-width: 75em)", true, { getInitialValueInEffect: false });
  const [isOpen, { close, toggle }] = useDisclosure(false);
  useHotkeys([["Escape", close]]);
  const content = (
    <div className="content" id="content" key={path}>
      <LiveNote live={live} />
      <LeadCalls role={role} />
      <Outlet />
    </div>
  );
  if (isWall) return content;
  return (
    <AppShell
      className="shell"
      layout="alt"
      header={{ height: { base: BAR_HEIGHT, [BESIDE_FROM]: 0 } }}
      navbar={{ width: NAV_WIDTH, breakpoint: BESIDE_FROM, collapsed: { mobile: !isOpen } }}
      withBorder={false}
      transitionDuration={0}
    >
      <a className="skip" href="#content">
        Skip to the page
      </a>
      <AppShell.Header hiddenFrom={BESIDE_FROM} role="presentation">
        <section className="top-bar" aria-label="Top bar">
          <Burger
            opened={isOpen}
            onClick={toggle}
            size="sm"
            color="#fff"
            aria-label={isOpen ? "Close the navigation" : "Open the navigation"}
            aria-expanded={isOpen}
          />
          <Link to="/" className="brand">
            Flashline
          </Link>
          {!isBeside && <FinderButton onGo={close} />}
        </section>
      </AppShell.Header>
      {/* Not only out of sight: what is closed must not take the focus. */}
      {(isBeside || isOpen) && (
        <AppShell.Navbar aria-label="Pages">
          <div className="nav-top">
            <Link to="/" className="brand" onClick={close}>
              Flashline
            </Link>
            <Burger
              hiddenFrom={BESIDE_FROM}
              opened
              onClick={close}
              size="sm"
              color="#fff"
              aria-label="Close the navigation"
            />
          </div>
          {isBeside && <FinderButton onGo={close} />}
          <Navigation role={role} onGo={close} />
          <Person name={name} role={role} />
        </AppShell.Navbar>
      )}
      {content}
    </AppShell>
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
