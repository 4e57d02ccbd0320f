export { InMemoryRepository, type ChangeRecord } from './in-memory-repository.js';
