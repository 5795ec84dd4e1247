import { PROTOCOL, RefusedError, type StationSetup } from "@flashline/contract";
import { hardwareIds, isOtherHardware } from "@flashline/usb-host";
import type { Config } from "../config.ts";
import { serverLink } from "../server/link.ts";
import { type Identity, pinnedKeys, readIdentity } from "../station/identity.ts";
import { AGENT_VERSION } from "../version.ts";
import { examineClock } from "./clock.ts";
import { examineControllers } from "./controllers.ts";
import { type Finding, fail, ok, warn } from "./finding.ts";

const OTHER_PC = (station: string): string =>
  `This data folder is of another PC, which was enrolled as ${station}. If that PC still works, this disk is a copy: delete /etc/machine-id and this folder, run systemd-machine-id-setup, start the PC again and enroll it as a station of its own. If this PC takes the other's place, enroll again as ${station}.`;

export interface EnrollmentFindings {
  readonly findings: readonly Finding[];
  /** As the server gives it now. */
  readonly setup?: StationSetup;
}

/** Enrolled, and does the server answer this station in a protocol that both speak? */
export async function examineEnrollment(config: Config): Promise<EnrollmentFindings> {
  let identity: Identity;
  try {
    identity = await readIdentity(config.dataDir);
  } catch (error) {
    return { findings: [fail("enrollment", messageOf(error))] };
  }
  const url = config.server ?? identity.server;
  const enrolled = isOtherHardware(identity.hardware, hardwareIds())
    ? fail("enrollment", OTHER_PC(identity.station))
    : ok("enrollment", `Station ${identity.station}, enrolled with ${identity.server}.`);
  try {
    const link = serverLink({ baseUrl: url, credential: identity.credential });
    const { body: setup } = await link.call("setup", {}, { timeoutMs: 5000 });
    const reached = `${url} answers; agent ${AGENT_VERSION}, protocol ${PROTOCOL}.`;
    const { workOrder, workOrders } = setup;
    // A server of before tells of one.
    const all = workOrders.length > 0 || workOrder === null ? workOrders : [workOrder];
    const order =
      all.length === 0
        ? warn("work order", "None is set for this station.")
        : ok(
            "work order",
            `${all.map((one) => `${one.number}: ${one.product} ${one.version}`).join("; ")}.`,
          );
    const clock = await examineClock(url);
    const controllers = await examineControllers(link);
    const found = [ok("server", reached), ...(clock ? [clock] : []), order, ...controllers];
    return { findings: [enrolled, ...found], setup };
  } catch (error) {
    return { findings: [enrolled, fail("server", sentenceOf(error, url))] };
  }
}

function sentenceOf(error: unknown, url: string): string {
  if (!(error instanceof RefusedError)) return `${url}: ${messageOf(error)}`;
  const { code, message } = error.refusal;
  const hint = error.status === 401 ? " Enroll again with a new token." : "";
  return `${url} refuses this station: ${message} (${code}).${hint}`;
}

export async function examineKeys(dataDir: string): Promise<Finding> {
  try {
    const keys = await pinnedKeys(dataDir);
    if (keys.length > 0) return ok("keys", `Pinned: ${keys.map(({ keyId }) => keyId).join(", ")}.`);
    return fail(
      "keys",
      "No public key is pinned: every release is refused. Enroll with --key FILE.pub.",
    );
  } catch (error) {
    return fail("keys", `A pinned key cannot be read: ${messageOf(error)}`);
  }
}

const messageOf = (error: unknown): string =>
  error instanceof Error ? error.message : String(error);
