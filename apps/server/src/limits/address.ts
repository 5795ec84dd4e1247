import { normalizeIP } from "@fastify/rate-limit";
import type { FastifyRequest } from "fastify";

/** Where a request comes from, as limits see it: of IPv6 the network of 64 bits, which one machine has for itself. */
export const addressOf = ({ ip }: Pick<FastifyRequest, "ip">): string => normalizeIP(ip);
