import { createTheme, type MantineColorsTuple } from "@mantine/core";

const action: MantineColorsTuple = [
  "#e8eefc",
  "#cddafa",
  "#9db6f4",
  "#6c91ee",
  "#4673e8",
  "#2f5fe0",
  "#1d4ed8",
  "#1a45be",
  "#173ca4",
  "#12317f",
];

/** The page's own greys instead of the library's, which are not blue. */
const dark: MantineColorsTuple = [
  "#e9eef5",
  "#b7c2d0",
  "#94a1b3",
  "#6b7a8d",
  "#3a485b",
  "#273343",
  "#1d2734",
  "#151d28",
  "#0d131b",
  "#090e16",
];

/** One accent for what can be clicked; everything else takes the page's own colours. */
export const theme = createTheme({
  primaryColor: "action",
  primaryShade: { light: 6, dark: 5 },
  colors: { action, dark },
  fontFamily: "var(--sans)",
  fontFamilyMonospace: "var(--mono)",
  defaultRadius: 8,
  cursorType: "pointer",
  respectReducedMotion: true,
});
