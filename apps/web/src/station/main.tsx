import "../shared/strict-policy.ts";
import { lazy, StrictMode } from "react";
import { createRoot } from "react-dom/client";
import "../shared/fonts.css";
import "../shared/palette.css";
import "./styles/contrast.css";
import "./styles/frame.css";
import "./styles/scan.css";
import "./styles/nest.css";
import "./styles/nest-states.css";
import "./styles/aside.css";
import "./styles/decision.css";
import "./styles/sizes.css";
import { StationApp } from "./StationApp.tsx";

/** The sheets are looked at now and then: they are not fetched with the page. */
const BarcodeSheet = lazy(() => import("./barcodes/BarcodeSheet.tsx"));
const NestsSheet = lazy(() => import("./teach/NestsSheet.tsx"));
const DoctorSheet = lazy(() => import("./doctor/DoctorSheet.tsx"));

function Page() {
  const asked = new URLSearchParams(location.search);
  if (asked.has("barcodes")) return <BarcodeSheet />;
  if (asked.has("nests")) return <NestsSheet />;
  return asked.has("doctor") ? <DoctorSheet /> : <StationApp />;
}

const dark = matchMedia("(prefers-color-scheme: dark)");
const follow = (): void => {
  document.documentElement.dataset["mantineColorScheme"] = dark.matches ? "dark" : "light";
};
dark.addEventListener("change", follow);
follow();

const root = document.getElementById("root");
if (root !== null) {
  createRoot(root).render(
    <StrictMode>
      <Page />
    </StrictMode>,
  );
}
