/** Addresses of the dashboard's pages, with `$name` parameters. The server answers every other one with 404. */
export const DASHBOARD_PAGES = {
  line: "/",
  yield: "/yield",
  hosts: "/hosts",
  host: "/hosts/$id",
  units: "/units",
  unit: "/units/$id",
  attempts: "/attempts",
  attempt: "/attempts/$id",
  releases: "/releases",
  release: "/releases/$id",
  workOrders: "/work-orders",
  stations: "/stations",
  station: "/stations/$name",
} as const;
