/** ISO 8601 with a date, a time and a zone: what everybody reads as the same moment. */
const MOMENT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})$/;

export const isMoment = (text: string): boolean =>
  MOMENT.test(text) && !Number.isNaN(Date.parse(text));

/** ISO 8601 UTC with milliseconds; undefined: it is no moment. */
export const momentOf = (value: unknown): string | undefined =>
  typeof value === 'string' && isMoment(value) ? new Date(value).toISOString() : undefined;
