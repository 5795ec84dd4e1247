import { config } from "zod";

/** Without it zod tries `new Function` once, which the pages' content security policy refuses and the console reports. */
config({ jitless: true });
