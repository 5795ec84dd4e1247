/** Pages of those who run the server. */
export const adminRoutes = [] as const;
