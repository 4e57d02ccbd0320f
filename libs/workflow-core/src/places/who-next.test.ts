import type { Arrival, LineView, Place } from './place-repository.js';
import { freeFunctionPlaces, whoNext } from './who-next.js';

const AT = '2026-01-02T03:04:05.000Z';
const arrival = (workflowId: string, epoch = 1): Arrival => ({
  workflowId,
  epoch,
  since: AT,
  expiresAt: 1,
});
const place = (index: number, workflowId: string, epoch = 1): Place => ({
  ...arrival(workflowId, epoch),
  index,
  takenAt: AT,
});
const next = (view: Partial<LineView>, limit: number) => {
  const { take, goOn, free } = whoNext({ places: [], waiting: [], more: false, ...view }, limit);
  const name = ({ index, workflowId }: Pick<Place, 'index' | 'workflowId'>) =>
    `${index}:${workflowId}`;
  return { take: take.map(name), goOn: goOn.map(name), free: free.map(name) };
};

describe('who is next in a line', () => {
  it('is nobody where nobody waits', () => {
    expect(next({ places: [place(0, 'a')] }, 2)).toEqual({ take: [], goOn: [], free: [] });
  });

  it('is who came first, for the lowest free place', () => {
    const view = { places: [place(1, 'a')], waiting: ['b', 'c', 'd'].map((id) => arrival(id)) };
    expect(next(view, 3).take).toEqual(['0:b', '2:c']);
  });

  it('is nobody where all places are taken, or lie above the limit', () => {
    const waiting = [arrival('b')];
    expect(next({ places: [place(0, 'a')], waiting }, 1).take).toEqual([]);
    expect(next({ places: [place(0, 'a'), place(4, 'c')], waiting }, 1).take).toEqual([]);
  });

  it('is none of those who have a place already: they are gone on with', () => {
    const view = { places: [place(0, 'a')], waiting: [arrival('a'), arrival('b')] };
    expect(next(view, 2)).toEqual({ take: ['1:b'], goOn: ['0:a'], free: [] });
  });

  it('takes a second place of one away, the higher one, and gives it to nobody before that', () => {
    const view = { places: [place(2, 'a'), place(0, 'a')], waiting: [arrival('b')] };
    expect(next(view, 3)).toEqual({ take: ['1:b'], goOn: [], free: ['2:a'] });
  });

  it('takes the place of an epoch away that is over, since the workflow waits in another', () => {
    const view = { places: [place(0, 'a', 1)], waiting: [arrival('a', 2)] };
    expect(next(view, 2)).toEqual({ take: ['1:a'], goOn: [], free: ['0:a'] });
  });
});

describe('the free places of a function', () => {
  it('are those nobody has, and those whose time is over', () => {
    const held = [
      { index: 0, leaseUntil: '2026-01-02T03:04:05.001Z' },
      { index: 2, leaseUntil: AT },
      { index: 7, leaseUntil: '2027-01-01T00:00:00.000Z' },
    ];
    expect(freeFunctionPlaces(held, 4, AT)).toEqual([1, 2, 3]);
  });
});
