/** Places in memory: the port's rules with nothing behind them. It passes the same suite as those on DynamoDB. */
import type {
  Arrival,
  ExpectedLine,
  FunctionPlace,
  Line,
  LineLimit,
  LineView,
  Place,
  PlaceRepository,
} from '../places/place-repository.js';

interface StoredLine {
  limit?: LineLimit;
  readonly places: Map<number, Place>;
  readonly waiting: Map<string, Arrival>;
}

export class InMemoryPlaces implements PlaceRepository {
  private readonly lines = new Map<string, StoredLine>();
  private readonly functions = new Map<string, Map<number, FunctionPlace>>();

  async readLine(line: Line, { waiting: atLeast }: ExpectedLine): Promise<LineView> {
    const { limit, places, waiting } = this.lineOf(line);
    const inOrder = [...waiting].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, each]) => each);
    return {
      ...(limit ? { limit } : {}),
      places: [...places.values()].sort((a, b) => a.index - b.index),
      waiting: inOrder.slice(0, atLeast),
      more: inOrder.length > atLeast,
    };
  }

  async setLimit(line: Line, limit: LineLimit) {
    const stored = this.lineOf(line);
    if ((stored.limit?.revision ?? 0) <= limit.revision) stored.limit = limit;
  }

  async join(line: Line, arrival: Arrival) {
    this.lineOf(line).waiting.set(nameOf(arrival), arrival);
  }

  async isInLine(line: Line, arrival: Arrival) {
    return this.lineOf(line).waiting.has(nameOf(arrival));
  }

  async leave(line: Line, arrival: Arrival) {
    this.lineOf(line).waiting.delete(nameOf(arrival));
  }

  async take(line: Line, place: Place) {
    const { places } = this.lineOf(line);
    const present = places.get(place.index);
    if (present && !isSame(present, place)) return false;
    places.set(place.index, place);
    return true;
  }

  async free(line: Line, place: Place) {
    const { places } = this.lineOf(line);
    const present = places.get(place.index);
    if (present && isSame(present, place)) places.delete(place.index);
  }

  async readFunction(name: string) {
    return [...this.functionOf(name).values()].sort((a, b) => a.index - b.index);
  }

  async takeFunction(name: string, place: FunctionPlace, at: string) {
    const places = this.functionOf(name);
    const present = places.get(place.index);
    if (present && present.leaseUntil > at && present.holder !== place.holder) return false;
    places.set(place.index, place);
    return true;
  }

  async freeFunction(name: string, { index, holder }: FunctionPlace) {
    const places = this.functionOf(name);
    if (places.get(index)?.holder === holder) places.delete(index);
  }

  private lineOf({ definition, key }: Line): StoredLine {
    const name = `${definition}#${key}`;
    const line = this.lines.get(name) ?? { places: new Map(), waiting: new Map() };
    this.lines.set(name, line);
    return line;
  }

  private functionOf(name: string): Map<number, FunctionPlace> {
    const places = this.functions.get(name) ?? new Map<number, FunctionPlace>();
    this.functions.set(name, places);
    return places;
  }
}

const nameOf = ({ since, workflowId }: Arrival) => `${since}#${workflowId}`;

const isSame = (a: Place, b: Place) => a.workflowId === b.workflowId && a.epoch === b.epoch;
