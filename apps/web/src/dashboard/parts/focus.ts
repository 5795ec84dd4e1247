/** For `ref`: at once, because what is typed before a layer has taken the focus would be lost. */
export const focusAtOnce = (field: HTMLInputElement | null): void => field?.focus();
