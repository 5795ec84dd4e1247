/** The scope of rules that are the whole server's; else it is a plant's id. */
export const SERVER_SCOPE = "00000000-0000-0000-0000-000000000000";
