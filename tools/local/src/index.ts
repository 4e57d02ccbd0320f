export { startStack, type RunningStack, type StackOptions } from './stack.js';
export { startEmulator, type Emulator, type EmulatorOptions } from './emulator/emulator.js';
export { engineClient } from './emulator/engine-client.js';
export { OPERATOR } from './aws-endpoint/identities.js';
export type { AwsCall, Counts, Meter, MeterReading } from './aws-endpoint/meter.js';
export type { LocalFile } from './local-file.js';
export type * from './model.js';
export type { FunctionInvoker, InvokeResult, LogLine, QueueStore, Stoppable } from './runtime.js';
