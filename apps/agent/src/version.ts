/** Sent with every request and stored with every attempt. */
export const AGENT_VERSION = "0.1.0";
