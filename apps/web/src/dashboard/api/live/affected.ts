import type { LiveEvent } from "@flashline/contract";

/** First parts of the query keys that an event makes old. */
export function affectedBy(event: LiveEvent): readonly string[] {
  switch (event.type) {
    case "attempt":
      return [
        "yield",
        "pace",
        "attempts",
        "attempt",
        "units",
        "unit",
        "work-orders",
        "releases",
        "release",
      ];
    case "job":
      return ["units", "unit", "work-orders"];
    case "station":
      return ["stations"];
    case "release":
      return ["releases", "release"];
    case "hosts":
      return ["hosts"];
    case "alarm":
      return ["alarms"];
  }
}
