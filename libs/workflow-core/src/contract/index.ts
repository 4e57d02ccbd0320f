export { describeRepository } from './repository-contract.js';
