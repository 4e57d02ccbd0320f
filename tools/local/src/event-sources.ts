/** What runs functions without anybody asking: the streams they are mapped to, and the schedules. */
import { join } from 'node:path';
import { DynamoDBStreamsClient } from '@aws-sdk/client-dynamodb-streams';
import { ENGINE_CREDENTIALS, ENGINE_REGION } from './emulator/engine-client.js';
import { dynamoDbStreamReader } from './mapping/dynamo-db-stream-reader.js';
import { startMapping, type Mapping } from './mapping/mapping.js';
import type { EventSourceMappingModel, StackModel } from './model.js';
import type { QueueStore, Stoppable } from './runtime.js';
import type { Functions } from './functions/functions.js';
import { startSchedules } from './schedule/schedules.js';

export interface EventSourcesOptions {
  readonly model: StackModel;
  readonly engineUrl: string;
  readonly invoker: Functions;
  readonly queueStore: QueueStore;
  /** Where each mapping stands is kept in `mappings/` here. */
  readonly dataDirectory: string;
  /** Records of different items change places within a batch, by this seed. Default: they stay in sequence. */
  readonly orderSeed?: number;
  /** Milliseconds that running invocations are given at `stop`. */
  readonly drainMs: number;
  readonly onNotice: (line: string) => void;
}

export interface EventSources extends Stoppable {
  /** Something was written: look for it now. */
  wake(): void;
}

export function startEventSources(options: EventSourcesOptions): EventSources {
  const client = new DynamoDBStreamsClient({
    endpoint: options.engineUrl,
    region: ENGINE_REGION,
    credentials: ENGINE_CREDENTIALS,
  });
  const mappings = options.model.mappings.flatMap((mapping) => start(mapping, client, options));
  const schedules = startSchedules({
    schedules: options.model.schedules,
    invoker: options.invoker,
    onNote: options.onNotice,
  });
  return {
    wake: () => mappings.forEach((mapping) => mapping.wake()),
    stop: async () => {
      await Promise.all([schedules, ...mappings].map((source) => source.stop()));
      client.destroy();
    },
  };
}

function start(
  mapping: EventSourceMappingModel,
  client: DynamoDBStreamsClient,
  { model, dataDirectory, onNotice, ...options }: EventSourcesOptions,
): readonly Mapping[] {
  const table = model.tables.find(({ streamArn }) => streamArn === mapping.sourceArn);
  if (table === undefined) {
    onNotice(
      `not run here: the mapping ${mapping.logicalId}, whose source is ${mapping.sourceArn}`,
    );
    return [];
  }
  return [
    startMapping({
      ...options,
      mapping,
      streams: dynamoDbStreamReader(client, table.name),
      checkpointFile: join(dataDirectory, 'mappings', `${mapping.logicalId}.json`),
      onNote: onNotice,
    }),
  ];
}
