import { useQueryClient } from '@tanstack/react-query';
import type { RedriveResponse, Workflow } from '@orchestra/api-contract';
import { workflowKey } from '../workflow/get-workflow.js';
import { workflowsKey } from '../workflows/list-workflows.js';
import { redriven } from './redriven.js';

/** Everything that shows the workflow asks again, and goes on asking; after a refusal too, which may be news. */
export function useAfterRedrive(workflowId: string) {
  const queryClient = useQueryClient();
  return (answer: RedriveResponse | undefined) => {
    const key = workflowKey(workflowId);
    if (answer)
      queryClient.setQueryData<Workflow>(key, (shown) => shown && redriven(shown, answer));
    void queryClient.invalidateQueries({ queryKey: key });
    void queryClient.invalidateQueries({ queryKey: workflowsKey });
  };
}
