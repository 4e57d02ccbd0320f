declare global {
  interface Window {
    /** Set by `/config.js` before the bundle runs; empty or absent where nothing was deployed. */
    API_BASE?: string;
  }
}

/** The API's address without a slash at its end; undefined when neither source names one. */
export function apiBase(
  deployed: string | undefined,
  development: string | undefined,
): string | undefined {
  const address = deployed?.trim() || development?.trim();
  return address?.replace(/\/+$/, '') || undefined;
}
