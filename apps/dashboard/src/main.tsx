import './styles/index.css';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { createApi } from './api/api.js';
import { apiBase } from './api/api-base.js';
import { App } from './app/app.js';
import { NoApiAddress } from './app/no-api-address.js';
import { createQueryClient } from './app/query-client.js';
import { createAppRouter } from './app/router.js';

const base = apiBase(window.API_BASE, import.meta.env.VITE_API_BASE);
const root = document.getElementById('root');
if (!root) throw new Error('index.html has no #root');

createRoot(root).render(
  <StrictMode>
    {base ? (
      <App api={createApi(base)} queryClient={createQueryClient()} router={createAppRouter()} />
    ) : (
      <NoApiAddress />
    )}
  </StrictMode>,
);
