import { runCommandLine } from './command-line.js';
import { realSystem } from './system.js';

process.exitCode = await runCommandLine(process.argv.slice(2), realSystem());
