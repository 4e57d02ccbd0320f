import { fileURLToPath } from 'node:url';

/** The repository this tool lies in. */
export const WORKSPACE = fileURLToPath(new URL('../../../..', import.meta.url));
