import { dirname } from 'node:path';
import type { FunctionModel } from '../model.js';
import type { Interpreter } from './interpreters.js';

/** Everything a sandbox sees of the world: nothing is inherited from the host. */
export function sandboxEnvironment(
  fn: FunctionModel,
  parts: {
    readonly provided: Readonly<Record<string, string>>;
    readonly interpreter: Interpreter;
    readonly taskRoot: string;
    readonly runtimeApiAddress: string;
    readonly logStreamName: string;
  },
): Record<string, string> {
  const region = fn.arn.split(':')[3] || 'us-east-1';
  return {
    ...fn.environment,
    LANG: 'en_US.UTF-8',
    TZ: ':UTC',
    PATH: `${dirname(parts.interpreter.path)}:/usr/local/bin:/usr/bin:/bin`,
    AWS_REGION: region,
    AWS_DEFAULT_REGION: region,
    AWS_EXECUTION_ENV: `AWS_Lambda_${fn.runtime}`,
    AWS_LAMBDA_FUNCTION_NAME: fn.name,
    AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(fn.memoryMb),
    AWS_LAMBDA_LOG_GROUP_NAME: `/aws/lambda/${fn.name}`,
    AWS_LAMBDA_LOG_STREAM_NAME: parts.logStreamName,
    AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
    AWS_LAMBDA_RUNTIME_API: parts.runtimeApiAddress,
    AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
    LAMBDA_TASK_ROOT: parts.taskRoot,
    _HANDLER: fn.handler,
    ...parts.provided,
  };
}
