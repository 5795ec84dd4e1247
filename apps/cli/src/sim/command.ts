import { Command } from "commander";
import type { Console } from "../console.ts";
export const simCommand = (_console: Console): Command => new Command("sim");
