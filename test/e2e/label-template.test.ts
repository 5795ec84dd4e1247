import type { Browser, Locator, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { barriers, openBrowser, openPage, overflow, picture } from "./support/browser.ts";
import { addUser, type Login } from "./support/people.ts";
import { addPlant, addRelease, firmware, PRODUCT } from "./support/plant.ts";
import { type Rig, startRig } from "./support/rig.ts";

const ZPL = "^XA^FO20,20^BCN,80^FD{serial}^FS^FO20,120^FD{product} {release}^FS^XZ";

describe("a product's label on its page", () => {
  let rig: Rig;
  let browser: Browser;
  let page: Page;
  let problems: string[];

  const signedIn = async ({ name, password }: Login): Promise<void> => {
    ({ page, problems } = await openPage(browser, `${rig.url}/products/${PRODUCT}`));
    await page.locator("input[name=username]").fill(name);
    await page.locator("input[name=password]").fill(password);
    await page.keyboard.press("Enter");
    await card().waitFor();
  };
  const card = (): Locator => page.getByRole("region", { name: "Label" });
  const dialog = (): Locator => page.getByRole("dialog");
  const stored = async () => {
    const { body: products } = await rig.api("products", {});
    const id = products.find(({ name }) => name === PRODUCT)?.id ?? "";
    return (await rig.api("label", { params: { id } })).body;
  };

  beforeAll(async () => {
    [rig, browser] = await Promise.all([startRig(), openBrowser()]);
    await addPlant(rig);
    await addRelease(rig, "2.8.1", 1, firmware(12_000, 1));
  });
  afterAll(async () => {
    await browser?.close();
    await rig?.close();
  });

  it("is written with a sample beside it; what is wrong with it is said before and after it is sent", async () => {
    await signedIn(await addUser(rig, "ines", "engineer"));
    await card().getByText("Its units get no label.").waitFor();
    await card().getByRole("button", { name: "Add a label" }).click();
    const template = dialog().getByLabel("Template, in ZPL");
    // A first label that prints is there already.
    await dialog().getByText("Code 128", { exact: true }).waitFor();
    await template.fill(ZPL.replace("{release}", "{colour}"));
    await dialog().getByText("Units of the product have no {colour}.", { exact: false }).waitFor();
    await template.fill("^XA^CC+^FO20,20^FD{serial}^FS^XZ");
    await dialog().getByText("renames the signs of commands", { exact: false }).waitFor();
    await dialog().getByLabel("Reason").fill("for the box");
    await dialog().getByRole("button", { name: "Add the label" }).click();
    await expect
      .poll(() => dialog().getByText("renames the signs", { exact: false }).count())
      .toBeGreaterThan(1);
    expect((await stored()).template).toBeNull();
    await template.fill(ZPL);
    await dialog()
      .getByLabel("What it says when it is scanned")
      .fill("https://example.com/{serial}");
    await dialog().getByLabel("Serial of the sample").fill("MC2-000077");
    await dialog().getByText(`${PRODUCT} 2.8.1`).waitFor();
    await dialog().getByText("https://example.com/MC2-000077").waitFor();
    expect(await barriers(page)).toEqual([]);
    await picture(page, "product-label-edit");
    await dialog().getByRole("button", { name: "Add the label" }).click();
    await page.locator(".done-note").getByText(`${PRODUCT} has another label.`).waitFor();
    expect(await stored()).toMatchObject({
      template: ZPL,
      scanBack: "https://example.com/{serial}",
    });
    await card().getByText(`${PRODUCT} 2.8.1`).waitFor();
    expect(await overflow(page)).toBe(0);
    await card().scrollIntoViewIfNeeded();
    await picture(page, "product-label");
    for (const [width, height] of [
      [390, 844],
      [1920, 1080],
    ] as const) {
      await page.setViewportSize({ width, height });
      expect(await overflow(page)).toBe(0);
    }
    expect(await barriers(page)).toEqual([]);
    // What was refused on purpose is all that the browser complains of.
    expect(problems.filter((problem) => !problem.includes("422"))).toEqual([]);
  });

  it("is read by everybody, changed by engineers alone, and taken away", async () => {
    await signedIn(await addUser(rig, "mia", "operator-lead"));
    await card().getByText(`${PRODUCT} 2.8.1`).waitFor();
    expect(await card().getByRole("button").count()).toBe(0);
    await page.context().close();
    await signedIn(await addUser(rig, "eva", "engineer"));
    await card().getByRole("button", { name: "No label" }).click();
    await dialog().getByLabel("Reason").fill("printed elsewhere");
    await dialog().getByRole("button", { name: "Remove the label" }).click();
    await card().getByText("Its units get no label.").waitFor();
    expect(await stored()).toMatchObject({ template: null, scanBack: null });
  });
});
