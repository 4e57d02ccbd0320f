/** Mutants of the conditions and contents of writes. */
import { changeOf, type Change, type Transition } from '@orchestra/workflow-core';
import { THE_ENGINE, type Engine } from '../world/engine.js';
import { NEWER_ATTRIBUTE } from '../world/table.js';
import type { Mutant } from './mutant.js';

const withChange = (rewrite: (change: Change, transition: Transition) => Change): Engine => ({
  ...THE_ENGINE,
  changeOf: (transition) => rewrite(changeOf(transition), transition),
});

const withTransition = (rewrite: (transition: Transition) => Transition): Engine => ({
  ...THE_ENGINE,
  changeOf: (transition) => changeOf(rewrite(transition)),
});

export const transitionMutants: readonly Mutant[] = [
  {
    name: 'a claim without a condition',
    killedBy: 'I02',
    engine: () =>
      withChange((change, { kind }) =>
        kind === 'claim' && change.kind === 'update' ? { ...change, when: {} } : change,
      ),
  },
  {
    name: 'an outcome that is not fenced',
    killedBy: 'I04',
    engine: () =>
      withChange((change, { kind }) =>
        (kind === 'succeed' || kind === 'fail') && change.kind === 'update'
          ? { ...change, when: { status: 'RUNNING' } }
          : change,
      ),
  },
  {
    name: 'a retry that keeps the attempt number',
    killedBy: 'I02',
    engine: () =>
      withTransition((transition) =>
        transition.kind === 'rerun'
          ? { ...transition, attempt: transition.attempt - 1 }
          : transition,
      ),
  },
  {
    name: 'past attempts lost',
    killedBy: 'I15',
    engine: () =>
      withTransition((transition) =>
        transition.kind === 'rerun'
          ? { ...transition, pastAttempts: { kind: 'inline', json: '[]' } }
          : transition,
      ),
  },
  {
    name: 'a finish in whatever epoch',
    killedBy: 'I08',
    engine: () =>
      withChange((change, { kind }) =>
        kind === 'finish' && change.kind === 'update'
          ? { ...change, when: { status: 'RUNNING' } }
          : change,
      ),
  },
  {
    name: 'a write that clears what it does not know',
    killedBy: 'EXTRA-ATTRIBUTE',
    engine: () =>
      withChange((change) =>
        change.kind === 'update'
          ? ({ ...change, clear: [...(change.clear ?? []), NEWER_ATTRIBUTE] } as Change)
          : change,
      ),
  },
  {
    name: 'a suspension written again after its reply was lost',
    killedBy: 'I15',
    engine: () => ({
      ...withChange((change, transition) =>
        transition.kind === 'suspend' && change.kind === 'update'
          ? ({ ...change, when: { status: 'RUNNING', claimId: transition.claimId } } as Change)
          : change,
      ),
      workerPorts: (ports) => ({
        ...ports,
        repository: {
          ...ports.repository,
          apply: async (transitions) => {
            const results = await ports.repository.apply(transitions);
            if (transitions.some(({ kind }) => kind === 'suspend'))
              await ports.repository.apply(transitions);
            return results;
          },
        },
      }),
    }),
  },
];
