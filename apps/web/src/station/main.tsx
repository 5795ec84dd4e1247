import "../shared/strict-policy.ts";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import "../shared/fonts.css";
import "../shared/palette.css";
import "./station.css";
import { StationApp } from "./StationApp.tsx";

const root = document.getElementById("root");
if (root !== null) {
  createRoot(root).render(
    <StrictMode>
      <StationApp />
    </StrictMode>,
  );
}
