import { DynamoDBClient } from '@aws-sdk/client-dynamodb';

/** Engines ask for credentials and check none. One identity for all: DynamoDB Local keeps one database for each. */
export const ENGINE_CREDENTIALS = { accessKeyId: 'local', secretAccessKey: 'local' } as const;
export const ENGINE_REGION = 'us-east-1';

/** A client for the engine itself, past the endpoint that the functions call. */
export function engineClient(url: string): DynamoDBClient {
  return new DynamoDBClient({
    endpoint: url,
    region: ENGINE_REGION,
    credentials: ENGINE_CREDENTIALS,
  });
}
