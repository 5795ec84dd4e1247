/** Whether `npm run nightly` asks for all cases. Otherwise at least one quick case of each kind is taken. */
export const NIGHTLY = process.env["FLASHLINE_NIGHTLY"] !== undefined;
