import type { Terminal } from '@orchestra/cli';

export function processTerminal(): Terminal {
  const { stdout } = process;
  return {
    out: (line) => console.log(line),
    err: (line) => console.error(line),
    raw: (text) => stdout.write(text),
    get size() {
      return stdout.isTTY ? { columns: stdout.columns, rows: stdout.rows } : undefined;
    },
    // Nothing here asks a person.
    ask: undefined,
  };
}
