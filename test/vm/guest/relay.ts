// In the guest: lets the host open the station page, which listens on loopback only. Arguments: the port to listen on, and the page's.
import { connect, createServer } from "node:net";

const [from = 0, to = 0] = process.argv.slice(2).map(Number);
createServer((outer) => {
  const inner = connect(to, "127.0.0.1");
  for (const [one, other] of [
    [outer, inner],
    [inner, outer],
  ] as const) {
    one.on("error", () => other.destroy());
    one.pipe(other);
  }
}).listen(from, "0.0.0.0");
