import { called } from "@flashline/contract";
import { Link } from "@tanstack/react-router";
import type { Column } from "../act/DataTable.tsx";

/** The nest that a row is about, with the way to its station. */
export const nestColumn: Column<{ readonly station: string; readonly nest: string }> = {
  name: "Nest",
  csv: ({ station, nest }) => `${station}/${nest}`,
  cell: ({ station, nest }) => (
    <Link to="/stations/$name" params={{ name: station }}>
      {station} {called("nest", nest)}
    </Link>
  ),
};
