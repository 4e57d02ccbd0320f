export { InMemoryPlaces } from './in-memory-places.js';
export { InMemoryRepository, type ChangeRecord } from './in-memory-repository.js';
export { InMemorySchedules } from './schedules.js';
