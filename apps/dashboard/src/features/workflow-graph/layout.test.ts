import { running, succeeded } from '../../testing/samples.js';
import {
  NODE_SIZE,
  layoutTasks,
  topologyKey,
  type Direction,
  type TopologyTask,
} from './layout.js';

const directions: Direction[] = ['right', 'down'];
const chainOf = (length: number): TopologyTask[] =>
  Array.from({ length }, (_, n) => ({ taskId: `t${n}`, dependsOn: n > 0 ? [`t${n - 1}`] : [] }));

describe.each(directions)('laying out to the %s', (direction) => {
  const along = direction === 'right' ? 'x' : 'y';
  const across = direction === 'right' ? 'y' : 'x';
  const at = (tasks: readonly TopologyTask[], taskId: string) => {
    const place = layoutTasks(tasks, direction).get(taskId);
    if (!place) throw new Error(`${taskId} has no place`);
    return place;
  };

  it('gives the same places whatever the statuses', () => {
    expect(layoutTasks(running.tasks, direction)).toEqual(layoutTasks(succeeded.tasks, direction));
  });

  it('gives the same places every time', () => {
    expect(layoutTasks(succeeded.tasks, direction)).toEqual(
      layoutTasks(structuredClone(succeeded.tasks), direction),
    );
  });

  it('puts every task after those it depends on', () => {
    for (const task of succeeded.tasks)
      for (const upstream of task.dependsOn)
        expect(at(succeeded.tasks, task.taskId)[along]).toBeGreaterThan(
          at(succeeded.tasks, upstream)[along],
        );
  });

  it('keeps the order in which siblings are defined', () => {
    const [first, second, third] = ['B1', 'B2', 'B3'].map((id) => at(succeeded.tasks, id)[across]);
    expect(first).toBeLessThan(second ?? NaN);
    expect(second).toBeLessThan(third ?? NaN);
  });

  it('lets no two cards overlap', () => {
    const places = [...layoutTasks(succeeded.tasks, direction).values()];
    const { width, height } = NODE_SIZE[direction];
    places.forEach((one, index) => {
      for (const other of places.slice(index + 1))
        expect(Math.abs(one.x - other.x) >= width || Math.abs(one.y - other.y) >= height).toBe(
          true,
        );
    });
  });

  it('places a task that depends on nothing known, and a lone task', () => {
    expect(layoutTasks([{ taskId: 'x', dependsOn: ['gone'] }], direction).size).toBe(1);
  });

  it('gives each of many tasks its own place', () => {
    const places = [...layoutTasks(chainOf(300), direction).values()];
    expect(new Set(places.map((place) => place[along])).size).toBe(300);
  });
});

describe('the key of a topology', () => {
  it('does not see a status', () => {
    expect(topologyKey(running.tasks)).toBe(topologyKey(succeeded.tasks));
  });

  it('sees a task, an edge and a rename', () => {
    const key = topologyKey(chainOf(3));
    expect(topologyKey(chainOf(4))).not.toBe(key);
    expect(topologyKey(chainOf(3).map((task) => ({ ...task, dependsOn: [] })))).not.toBe(key);
    expect(topologyKey([{ taskId: 'a,b', dependsOn: [] }])).not.toBe(
      topologyKey([{ taskId: 'a', dependsOn: ['b'] }]),
    );
  });
});
