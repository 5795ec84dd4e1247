import { useMantineColorScheme } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Icon } from "../../shared/icons.tsx";
import { call } from "../api/client.ts";
import { queries } from "../api/queries.ts";

/** Who is logged in, the page's colours, and the way out. */
export function Person({ name, role }: { readonly name: string; readonly role: string }) {
  const client = useQueryClient();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const dark =
    colorScheme === "dark" ||
    (colorScheme === "auto" && matchMedia("(prefers-color-scheme: dark)").matches);
  const { data: ways } = useQuery(queries.loginWays());
  const logOut = (): void => {
    void call("logout", {}).finally(() => {
      client.clear();
      void client.invalidateQueries();
      location.assign(ways?.provider?.end ?? "/");
    });
  };
  return (
    <div className="person">
      <Link to="/account" className="who" aria-label={`${name}, ${role}: your account`}>
        <b>{name}</b>
        <span>{role}</span>
      </Link>
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
