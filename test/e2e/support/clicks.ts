import type { Locator, Page } from "playwright-core";

/** Does what a person does from the first page on, and counts it. Typing counts nothing: what opens the field for it does. */
export class Clicks {
  #count = 0;
  readonly page: Page;

  constructor(page: Page) {
    this.page = page;
  }

  get count(): number {
    return this.#count;
  }

  async on(target: Locator): Promise<void> {
    this.#count += 1;
    await target.click();
  }

  /** A link of the navigation. */
  to(name: string): Promise<void> {
    return this.on(this.page.getByRole("navigation").getByRole("link", { name }).first());
  }

  /** A button of the page, or of the dialog that lies over it. */
  button(name: string | RegExp): Promise<void> {
    const dialog = this.page.getByRole("dialog");
    const named = { name, exact: typeof name === "string" };
    const ofPage = this.page.locator("main").getByRole("button", named);
    return this.on(dialog.getByRole("button", named).or(ofPage).last());
  }

  /** The search, by its keys. What it finds is still to be opened. */
  async find(text: string): Promise<Locator> {
    this.#count += 1;
    await this.page.keyboard.press("Control+k");
    await this.page.getByRole("dialog").getByRole("combobox").fill(text);
    return this.page.getByRole("dialog").getByRole("option");
  }
}
