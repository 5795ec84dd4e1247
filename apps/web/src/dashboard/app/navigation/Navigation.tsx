import { Link, useSearch } from "@tanstack/react-router";
import { Icon } from "../../../shared/icons.tsx";
import { allowed } from "../../parts/allowed.ts";
import { selectionOf } from "../../selection/selection.ts";
import { admin } from "./admin.ts";
import { analyse } from "./analyse.ts";
import type { NavGroup } from "./entry.ts";
import { live } from "./live.ts";
import { make } from "./make.ts";
import { plant } from "./plant.ts";

const GROUPS: readonly NavGroup[] = [live, analyse, make, plant, admin];

interface Props {
  readonly role: string;
  /** Closes the navigation where it lies over the page. */
  readonly onGo: () => void;
}

/** All pages that who is logged in may open, by purpose. */
export function Navigation({ role, onGo }: Props) {
  const groups = GROUPS.map(({ name, entries }) => ({
    name,
    entries: entries.filter(({ needs }) => needs === undefined || allowed(role, needs)),
  })).filter(({ entries }) => entries.length > 0);
  const selection = useSearch({ strict: false, select: selectionOf });
  return (
    <div className="groups">
      {groups.map(({ name, entries }) => (
        <section key={name} aria-label={name}>
          <span className="group" aria-hidden="true">
            {name}
          </span>
          {entries.map(({ to, icon, name: title, selects, mark: Mark }) => (
            <Link
              key={to}
              to={to}
              search={selects ? selection : {}}
              className="page-link"
              activeOptions={{ exact: to === "/", includeSearch: false }}
              onClick={onGo}
            >
              <Icon name={icon} size={18} />
              <span>{title}</span>
              {Mark !== undefined && <Mark />}
            </Link>
          ))}
        </section>
      ))}
    </div>
  );
}
