import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, expect, it } from "vitest";
import { serverLink } from "../server/link.ts";
import { controllerFinding, examineControllers } from "./controllers.ts";

const CONTROLLER = {
  address: "0000:00:14.0",
  model: "Intel 8086:7ae0",
  driver: "xhci_hcd",
  verdict: "OK",
  failedFirst: { count: 31, n: 412, share: 31 / 412, low: 0.0535, high: 0.1049 },
  failedFirstElsewhere: { count: 0, n: 0, share: null, low: 0, high: 1 },
};

it("a controller is said to be bad by the verdict alone, with ST's words and what was measured", () => {
  const measured =
    "In 14 days this plant measured at this model: 31 of 412 units failed at first (7.5 %, 95 % interval 5.3 to 10.5 %); at its other models: no unit was tried.";
  expect(controllerFinding(CONTROLLER, 14)).toEqual({
    name: "controller",
    level: "ok",
    sentence: `0000:00:14.0 (Intel 8086:7ae0, xhci_hcd): nothing speaks against it. ${measured}`,
  });
  const doubted = controllerFinding({ ...CONTROLLER, verdict: "SUSPECT" }, 14);
  expect(doubted.level).toBe("warn");
  expect(doubted.sentence).toContain(`makes flashing fail: SUSPECT. ${measured} ST (AN2606`);
  const few = { ...CONTROLLER, model: "dwc2", driver: "dwc2", verdict: "NOT_ENOUGH_DATA" };
  expect(controllerFinding(few, 14).sentence).toMatch(/^0000:00:14\.0 \(dwc2\): too few units/);
});

let server: ReturnType<typeof createServer> | undefined;
afterEach(() => server?.close());

it("says nothing of controllers where the server does not know them, or is away", async () => {
  let status = 200;
  server = createServer((_request, response) => {
    response.writeHead(status, { "content-type": "application/json" });
    response.end(status === 200 ? JSON.stringify({ days: 14, controllers: [CONTROLLER] }) : "{}");
  });
  await new Promise<void>((resolve) => server?.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const link = serverLink({ baseUrl: `http://127.0.0.1:${port}` });
  expect(await examineControllers(link)).toHaveLength(1);
  status = 404;
  expect(await examineControllers(link)).toEqual([]);
  server.close();
  server.closeAllConnections();
  expect(await examineControllers(link)).toEqual([]);
});
