const PATHS = {
  check: "M4 12.5l5.2 5.2L20 6.8",
  cross: "M6 6l12 12M18 6L6 18",
  barred: "M12 3.5a8.5 8.5 0 1 1 0 17a8.5 8.5 0 0 1 0-17M6.2 6.2l11.6 11.6",
  question: "M8.5 8.5a3.6 3.6 0 1 1 5.2 3.4c-1.2.7-1.7 1.3-1.7 2.6M12 18.6v.1",
  warning: "M12 4l9 16H3zM12 10v4.5M12 17.2v.1",
  dots: "M5 12h.1M12 12h.1M19 12h.1",
  plug: "M9 3v5M15 3v5M6 8h12v3a6 6 0 0 1-12 0zM12 17v4",
  scan: "M4 8V5h4M20 8V5h-4M4 16v3h4M20 16v3h-4M8 9v6M12 9v6M16 9v6",
  play: "M8 5l11 7-11 7z",
  off: "M12 4v8M7 6.8a7.5 7.5 0 1 0 10 0",
  clock: "M12 3.5a8.5 8.5 0 1 1 0 17a8.5 8.5 0 0 1 0-17M12 7.5V12l3 2",
  chart: "M4 20V5M4 20h16M8 15l4-4 3 3 5-6",
  station: "M4 5h16v10H4zM9 20h6M12 15v5",
  chip: "M8 8h8v8H8zM10 4v4M14 4v4M10 16v4M14 16v4M4 10h4M4 14h4M16 10h4M16 14h4",
  list: "M9 6h11M9 12h11M9 18h11M4.5 6h.1M4.5 12h.1M4.5 18h.1",
  release: "M4 12V4h8l8 8-8 8zM8.5 8.5h.1",
  order: "M6 5h12v15H6zM9 3h6v4H9zM9.5 12h5M9.5 16h5",
  host: "M12 20V4M9 7l3-3 3 3M12 15l-5-3V9M12 17l5-3v-3",
  sun: "M12 8a4 4 0 1 1 0 8a4 4 0 0 1 0-8M12 2.5v2M12 19.5v2M2.5 12h2M19.5 12h2M5.3 5.3l1.4 1.4M17.3 17.3l1.4 1.4M5.3 18.7l1.4-1.4M17.3 6.7l1.4-1.4",
  moon: "M19.5 14.5A8 8 0 0 1 9.5 4.5a8 8 0 1 0 10 10z",
  leave: "M14 5h5v14h-5M4 12h10M10 8l4 4-4 4",
  link: "M10 14l4-4M8 11l-2 2a3.5 3.5 0 0 0 5 5l2-2M16 13l2-2a3.5 3.5 0 0 0-5-5l-2 2",
  filter: "M4 5h16l-6 8v6l-4-2v-4z",
  search: "M10.5 4a6.5 6.5 0 1 1 0 13a6.5 6.5 0 0 1 0-13M15.3 15.3L20 20",
  bell: "M6 16v-5a6 6 0 0 1 12 0v5l1.5 2h-15zM10 20.5h4",
  box: "M4 8l8-4 8 4v8l-8 4-8-4zM4 8l8 4 8-4M12 12v8",
  people:
    "M9 5a3 3 0 1 1 0 6a3 3 0 0 1 0-6M3.5 19a5.5 5.5 0 0 1 11 0M16 5.5a3 3 0 0 1 0 5.6M17 13.8a5.5 5.5 0 0 1 3.5 5.2",
  book: "M5 4h12a2 2 0 0 1 2 2v14H7a2 2 0 0 1-2-2zM5 18a2 2 0 0 1 2-2h12M9 8h6",
  gear: "M12 9a3 3 0 1 1 0 6a3 3 0 0 1 0-6M12 3v3M12 18v3M3 12h3M18 12h3M5.6 5.6l2.1 2.1M16.3 16.3l2.1 2.1M5.6 18.4l2.1-2.1M16.3 7.7l2.1-2.1",
  copy: "M9 9h11v11H9zM5 15V4h11",
  bookmark: "M7 4h10v16l-5-4-5 4z",
  download: "M12 4v11M7.5 11l4.5 4.5 4.5-4.5M5 20h14",
  table: "M4 5h16v14H4zM4 10h16M10 10v9",
  down: "M6 9.5l6 6 6-6",
  print: "M7 9V4h10v5M7 17H4V9h16v8h-3M7 14h10v6H7z",
  key: "M8 9a4 4 0 1 1 0 8a4 4 0 0 1 0-8M11 11l8-6M16 7.2l2.2 2.8",
  audit: "M7 3.5h7l4 4V20.5H7zM14 3.5v4h4M10 12h5M10 16h5",
  lock: "M6 11h12v9H6zM8.5 11V8a3.5 3.5 0 0 1 7 0v3",
} as const;
export type IconName = keyof typeof PATHS;

/** Drawn in the text's colour; says nothing to a screen reader, because a word always stands beside it. */
export function Icon({
  name,
  size = 16,
}: {
  readonly name: IconName;
  readonly size?: number | string;
}) {
  return (
    <svg
      className="icon"
      viewBox="0 0 24 24"
      width={size}
      height={size}
      fill="none"
      stroke="currentColor"
      strokeWidth={3}
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
      focusable="false"
    >
      <path d={PATHS[name]} />
    </svg>
  );
}
