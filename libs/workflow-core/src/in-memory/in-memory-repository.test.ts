import { describeRepository } from '../contract/index.js';
import { InMemoryRepository } from './index.js';

describeRepository('memory', async () => ({
  repository: new InMemoryRepository(),
  close: async () => {},
}));
