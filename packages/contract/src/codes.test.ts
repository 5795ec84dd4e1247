import { describe, expect, it } from "vitest";
import { CODES, describeCode } from "./codes.ts";

describe("the code table", () => {
  it.each(Object.entries(CODES))(
    "%s tells an operator what to do in at most eight words",
    (_code, entry) => {
      const words = entry.action.split(/\s+/).filter((word) => word !== "");
      expect(words.length).toBeGreaterThan(0);
      expect(words.length).toBeLessThanOrEqual(8);
      expect(entry.meaning).toMatch(/[.;]$/);
    },
  );

  it("calls link codes, and only them, the host's fault when they start with link.", () => {
    for (const [code, entry] of Object.entries(CODES)) {
      if (code.startsWith("link.")) expect(entry).toMatchObject({ link: true, blame: "host" });
    }
  });

  it("keeps an unknown code and says what is safe to say", () => {
    expect(describeCode("link.of_a_later_version")).toMatchObject({ known: false, link: true });
    expect(describeCode("flash.of_a_later_version")).toMatchObject({
      known: false,
      link: false,
      blame: "system",
    });
  });

  it("does not take an inherited property for a code", () => {
    expect(describeCode("toString").known).toBe(false);
  });
});
