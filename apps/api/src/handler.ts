import { createApp } from './app.js';
import { createDependencies } from './dependencies.js';
import { readEnv } from './env.js';
import { behindApiGateway } from './proxy-event.js';

export const handler = behindApiGateway(createApp(createDependencies(readEnv())));
