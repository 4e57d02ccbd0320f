import { serveExpressions } from '@orchestra/workflow-core/data/expression-process';

serveExpressions();
