/** The use case without its Lambda, for tools that bring a world of their own. */
export type { Outcome, Ports } from './ports.js';
export { work } from './work.js';
