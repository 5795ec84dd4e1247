import "../shared/strict-policy.ts";
import { MantineProvider } from "@mantine/core";
import { QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import "@mantine/core/styles.layer.css";
import "../shared/fonts.css";
import "../shared/palette.css";
import "./styles/frame.css";
import "./styles/finder.css";
import "./styles/text.css";
import "./styles/badges.css";
import "./styles/tables.css";
import "./styles/states.css";
import "./styles/calls.css";
import "./styles/forms.css";
import "./styles/columns.css";
import "./styles/stations.css";
import "./styles/attempts.css";
import "./styles/orders.css";
import "./styles/hosts.css";
import "./styles/manage.css";
import "./styles/print.css";
import { createQueryClient, queries } from "./api/queries.ts";
import { router } from "./app/router.tsx";
import { theme } from "./app/theme.ts";

const client = createQueryClient();
// Who is logged in, and whose clock counts, is asked while the page's own code is still on its way.
void client.prefetchQuery(queries.session());
void client.prefetchQuery(queries.plants());

const root = document.getElementById("root");
if (root !== null) {
  createRoot(root).render(
    <StrictMode>
      <MantineProvider theme={theme} defaultColorScheme="auto">
        <QueryClientProvider client={client}>
          <RouterProvider router={router} />
        </QueryClientProvider>
      </MantineProvider>
    </StrictMode>,
  );
}
