import { createServer, type Server, type Socket } from "node:net";
import { LinkFault } from "@flashline/dfu-core/protocol";
import { afterEach, expect, test } from "vitest";
import { UrbLink } from "./link.ts";
import { importDevice, listDevices } from "./operations.ts";
import { Command, Operation, URB_HEADER_BYTES } from "./wire.ts";

let server: Server | undefined;
const sockets = new Set<Socket>();
afterEach(async () => {
  for (const socket of sockets) socket.destroy();
  await new Promise((resolve) => server?.close(resolve));
});

/** A server that answers each chunk it gets as it is told. */
async function serve(answer: (request: Buffer) => Buffer | "hang up" | undefined) {
  const listening = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => undefined);
    socket.on("data", (chunk) => {
      const reply = answer(chunk);
      if (reply === "hang up") socket.destroy();
      else if (reply !== undefined) socket.write(reply);
    });
  });
  server = listening;
  await new Promise<void>((resolve) => listening.listen(0, "127.0.0.1", resolve));
  const address = listening.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  return { host: "127.0.0.1", port };
}

function operation(code: number, status: number, body: Buffer = Buffer.alloc(0)): Buffer {
  const header = Buffer.alloc(8);
  header.writeUInt16BE(0x0111, 0);
  header.writeUInt16BE(code, 2);
  header.writeUInt32BE(status, 4);
  return Buffer.concat([header, body]);
}

function device(): Buffer {
  const bytes = Buffer.alloc(312);
  bytes.write("1-1", 256);
  bytes.writeUInt32BE(1, 288);
  bytes.writeUInt32BE(2, 292);
  return bytes;
}

function reply(
  command: number,
  seqnum: number,
  status: number,
  data: Buffer = Buffer.alloc(0),
): Buffer {
  const bytes = Buffer.alloc(URB_HEADER_BYTES);
  bytes.writeUInt32BE(command, 0);
  bytes.writeUInt32BE(seqnum, 4);
  bytes.writeInt32BE(status, 20);
  bytes.writeUInt32BE(data.length, 24);
  return Buffer.concat([bytes, data]);
}

const imported = operation(Operation.ReplyImport, 0, device());
const isOperation = (request: Buffer) => request.readUInt16BE(0) === 0x0111;
const setup = { requestType: 0xa1, request: 5, value: 0, index: 0, length: 1 };
const nothing = new Uint8Array();

async function linkTo(answer: (urb: Buffer) => Buffer | "hang up" | undefined): Promise<UrbLink> {
  const address = await serve((request) => (isOperation(request) ? imported : answer(request)));
  return new UrbLink(await importDevice(address, "1-1"));
}

test("a SETUP packet and its answer travel as the protocol says", async () => {
  let seen: Buffer = Buffer.alloc(0);
  const link = await linkTo((urb) => {
    seen = urb;
    return reply(Command.ReturnSubmit, urb.readUInt32BE(4), 0, Buffer.from([2]));
  });
  expect(await link.control(setup, nothing, 1000)).toEqual(new Uint8Array([2]));
  // Command, sequence number, devid (bus 1, device 2), direction in, endpoint 0.
  expect(seen.toString("hex", 0, 20)).toBe("0000000100000001000100020000000100000000");
  expect(seen.toString("hex", 40)).toBe("a105000000000100");
  link.close();
});

test.each([
  [-32, LinkFault.Stall],
  [-19, LinkFault.Gone],
  [-71, LinkFault.Io],
])("a URB that ends with %i", async (status, fault) => {
  const link = await linkTo((urb) => reply(Command.ReturnSubmit, urb.readUInt32BE(4), status));
  await expect(link.control(setup, nothing, 1000)).rejects.toMatchObject({ fault });
  link.close();
});

test("no answer within the time-out: unlinked, and the link goes on", async () => {
  let unlinked = 0;
  const link = await linkTo((urb) => {
    const [command, seqnum] = [urb.readUInt32BE(0), urb.readUInt32BE(4)];
    if (command === Command.Unlink) {
      unlinked = urb.readUInt32BE(20);
      return reply(Command.ReturnUnlink, seqnum, -104);
    }
    return seqnum === 1 ? undefined : reply(Command.ReturnSubmit, seqnum, 0, Buffer.from([5]));
  });
  const lost = link.control(setup, nothing, 60);
  await expect(lost).rejects.toMatchObject({ fault: LinkFault.Timeout });
  expect(unlinked).toBe(1);
  expect(await link.control(setup, nothing, 1000)).toEqual(new Uint8Array([5]));
  link.close();
});

test("an answer that crosses the unlink counts as the answer", async () => {
  const link = await linkTo((urb) =>
    urb.readUInt32BE(0) === Command.Unlink
      ? Buffer.concat([
          reply(Command.ReturnSubmit, urb.readUInt32BE(20), 0, Buffer.from([9])),
          reply(Command.ReturnUnlink, urb.readUInt32BE(4), 0),
        ])
      : undefined,
  );
  expect(await link.control(setup, nothing, 60)).toEqual(new Uint8Array([9]));
  link.close();
});

test("an abort takes the transfer back and rejects with its reason", async () => {
  const link = await linkTo((urb) =>
    urb.readUInt32BE(0) === Command.Unlink
      ? reply(Command.ReturnUnlink, urb.readUInt32BE(4), -104)
      : undefined,
  );
  const controller = new AbortController();
  const reason = new Error("operator");
  setTimeout(() => controller.abort(reason), 20);
  await expect(link.control(setup, nothing, 5000, controller.signal)).rejects.toBe(reason);
  link.close();
});

test("a server that hangs up: the device is gone, now and later", async () => {
  const link = await linkTo(() => "hang up");
  const gone = { fault: LinkFault.Gone };
  await expect(link.control(setup, nothing, 1000)).rejects.toMatchObject(gone);
  await expect(link.control(setup, nothing, 1000)).rejects.toMatchObject(gone);
});

test.each([
  [4, LinkFault.Gone],
  [2, LinkFault.Io],
  [1, LinkFault.Io],
])("an import that is refused with status %i", async (status, fault) => {
  const address = await serve(() => operation(Operation.ReplyImport, status));
  await expect(importDevice(address, "1-1")).rejects.toMatchObject({ fault });
});

test("what is no USB/IP server is told so, and cannot make the client allocate", async () => {
  const http = await serve(() => Buffer.from("HTTP/1.1 400 Bad Request\r\n\r\n"));
  await expect(listDevices(http)).rejects.toMatchObject({ fault: LinkFault.Io });
  server?.close();
  const count = Buffer.from([0xff, 0xff, 0xff, 0xff]);
  const greedy = await serve(() => operation(Operation.ReplyDeviceList, 0, count));
  await expect(listDevices(greedy)).rejects.toThrow(/4294967295 devices/);
});

test("a closed port is an error of the source", async () => {
  await expect(listDevices({ host: "127.0.0.1", port: 1 })).rejects.toMatchObject({
    fault: LinkFault.Io,
  });
});

test("more than was asked for is not waited for: the link ends", async () => {
  const link = await linkTo((urb) => {
    const answer = reply(Command.ReturnSubmit, urb.readUInt32BE(4), 0, Buffer.from([2]));
    answer.writeUInt32BE(0xffff_fff0, 24);
    return answer;
  });
  const ended = { fault: LinkFault.Gone, message: expect.stringContaining("4294967280 bytes") };
  await expect(link.control(setup, nothing, 5000)).rejects.toMatchObject(ended);
});

test("an import that is aborted ends at once, before and after the server is reached", async () => {
  const reason = new Error("lease lost");
  const address = await serve(() => undefined);
  const controller = new AbortController();
  setTimeout(() => controller.abort(reason), 20);
  const begun = performance.now();
  await expect(importDevice(address, "1-1", controller.signal)).rejects.toBe(reason);
  await expect(importDevice(address, "1-1", controller.signal)).rejects.toBe(reason);
  expect(performance.now() - begun).toBeLessThan(2000);
});
