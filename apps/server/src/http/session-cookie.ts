/** Carries the secret of a person's session. */
export const SESSION_COOKIE = "flashline_session";
