import { describeSchedules } from '../contract/index.js';
import { InMemoryRepository, InMemorySchedules } from './index.js';

describeSchedules('memory', async () => {
  const schedules = new InMemorySchedules();
  const repository = new InMemoryRepository(() => {}, schedules);
  return { repository, schedules, close: async () => {} };
});
