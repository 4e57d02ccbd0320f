/** Where a value of an object or list stands: `input.items` and 0 give `input.items[0]`. */
export function placeOf(parent: string, key: string | number): string {
  if (typeof key === 'number') return `${parent}[${key}]`;
  return parent === '' ? key : `${parent}.${key}`;
}

/** The path of a value in a document, by the keys that lead to it: `tasks[0].id`. */
export const jsonPath = (keys: readonly PropertyKey[]): string =>
  keys.reduce<string>(
    (path, key) => placeOf(path, typeof key === 'number' ? key : String(key)),
    '',
  );
