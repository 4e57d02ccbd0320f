/** What is built into the function's folder: this module, and beside it the process its expressions are evaluated in. */
export { handler } from '../handler.js';
