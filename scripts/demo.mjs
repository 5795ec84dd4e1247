// `npm run demo`: makes what the checkout lacks, then runs the demo's sources as they are.
const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  process.stderr.write(`Flashline needs Node 20.19 or newer; this is ${process.versions.node}.\n`);
  process.exit(1);
}

try {
  const { prepare } = await import("./prepare.mjs");
  const { prepareWeb } = await import("./prepare-web.mjs");
  const once = process.argv.includes("--once");
  const done = [...(await prepare()), ...(once ? [] : await prepareWeb())];
  for (const line of done) process.stderr.write(`${line}\n`);

  const { acceptSources } = await import("./sources.mjs");
  await acceptSources();
  await import("../demo/src/main.ts");
} catch (error) {
  process.stderr.write(`${error.stack ?? error}\n`);
  process.exitCode = 1;
}
