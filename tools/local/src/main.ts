import { Command, InvalidArgumentError } from 'commander';
import { demo } from './commands/demo.js';
import { invoke, InvocationError, type InvokeFlags } from './commands/invoke.js';
import {
  addStackFlags,
  assemblyOption,
  dataDirOption,
  type StackFlags,
} from './commands/stack-flags.js';
import { schemathesis, type SchemathesisFlags } from './commands/schemathesis.js';
import { soak, type SoakFlags } from './commands/soak.js';
import { start } from './commands/start.js';
import { watchTermination } from './commands/termination.js';

/** Words for the person; a stack trace would only hide them. What is not among these is a fault of this tool. */
const EXPECTED = new Set([
  'AssemblyError',
  'CliError',
  'DataDirectoryInUseError',
  'DemoError',
  'EngineError',
  'EventError',
  'IncompatibleTableError',
  'NoEngineError',
  'PassingError',
  'PortTakenError',
  'ResourceError',
  'RuntimeFailedError',
  'SchemathesisError',
  'SoakError',
  'SynthesisError',
  'UndeclaredVariableError',
  'UnknownProjectError',
  'UnresolvableError',
]);

const termination = watchTermination();

function program(): Command {
  const local = new Command('local').description('Runs the synthesised stacks on this machine.');
  addStackFlags(local.command('start').description('Runs them in the foreground.')).action(
    (flags: StackFlags) => start(flags, termination),
  );
  local
    .command('demo')
    .description('Runs one sample workflow on a stack of its own, and ends.')
    .action(() => demo(termination));
  local
    .command('invoke')
    .description('Runs one function once, on the stack that runs or else on one of its own.')
    .argument('<project>', 'the project that builds the function, or the name of the function')
    .option('--event <file>', 'the event as JSON; - is standard input')
    .addOption(dataDirOption())
    .addOption(assemblyOption())
    .action((project: string, flags: InvokeFlags) => invoke(project, flags));
  local
    .command('soak')
    .description('Kills at every labelled point of the sample, then at random.')
    .option('--seed <number>', 'decides what is killed when', wholeNumber)
    .option(
      '--points <number>',
      'how many kills at labelled points; default: every one',
      wholeNumber,
    )
    .option('--seconds <number>', 'how long it kills at random', wholeNumber, 60)
    .option('--workflows <number>', 'how many run meanwhile', wholeNumber, 200)
    .addOption(assemblyOption())
    .action((flags: SoakFlags) => soak(flags, termination));
  local
    .command('schemathesis')
    .description('Fuzzes the API of a stack of its own by its OpenAPI document.')
    .option('--seed <number>', 'decides what is asked', wholeNumber)
    .option('--examples <number>', 'how many for each operation and phase', wholeNumber, 30)
    .addOption(assemblyOption())
    .action((flags: SchemathesisFlags) => schemathesis(flags, termination));
  return local;
}

function wholeNumber(text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('It must be a whole number.');
}

function explain(error: unknown): void {
  if (error instanceof InvocationError) return;
  const isExpected = error instanceof Error && EXPECTED.has(error.name);
  console.error(isExpected ? error.message : error);
}

try {
  await program().parseAsync();
  process.exit(0);
} catch (error) {
  // Given up by its user, and everything was stopped on the way here.
  if (termination.signal.aborted) process.exit(130);
  explain(error);
  process.exit(1);
}
