import { measureStreamHistory } from './stream-history.js';

const BENCHES = { 'stream-history': measureStreamHistory } as const;

const name = process.argv[2] ?? '';
if (!Object.hasOwn(BENCHES, name)) {
  console.error(`no bench ${name || 'named'}; there is ${Object.keys(BENCHES).join(', ')}`);
  process.exit(2);
}
const { line, holds } = await BENCHES[name as keyof typeof BENCHES]();
console.log(line);
process.exit(holds ? 0 : 1);
