/** Shown in place of the app: without an address there is nothing to ask. */
export function NoApiAddress() {
  return (
    <main className="no-api-address">
      <h1>No API address</h1>
      <p>
        <code>/config.js</code> sets <code>window.API_BASE</code> to nothing. Deploying the frontend
        stack writes the address of the API there; a development build takes{' '}
        <code>VITE_API_BASE</code>.
      </p>
    </main>
  );
}
