/** Runs the Python tests where there is a Python, and says so where there is none. */
import { spawnSync } from 'node:child_process';

const { error, status } = spawnSync(
  'python3',
  ['-B', '-m', 'unittest', 'discover', '-s', 'src', '-p', 'test_*.py'],
  { cwd: import.meta.dirname, stdio: 'inherit' },
);
if (error?.code === 'ENOENT') console.log('skipped: python3 is not on this machine');
else if (error) throw error;
else process.exitCode = status ?? 1;
