import { describePlaces } from '../contract/place-rules.js';
import { InMemoryPlaces } from './in-memory-places.js';

describePlaces('the memory', async () => ({
  places: new InMemoryPlaces(),
  close: async () => {},
}));
