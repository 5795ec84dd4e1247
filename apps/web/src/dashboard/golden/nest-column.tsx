import { Link } from "@tanstack/react-router";
import type { Column } from "../act/DataTable.tsx";

interface AtNest {
  readonly station: string;
  readonly nest: string;
}

/** Which nest a row is about; it leads to its station. */
export const NEST: Column<AtNest> = {
  name: "Nest",
  csv: ({ station, nest }) => `${station}/${nest}`,
  cell: ({ station, nest }) => (
    <Link to="/stations/$name" params={{ name: station }}>
      {station} nest {nest}
    </Link>
  ),
};
