// Replaced at deploy with the API's address; empty means VITE_API_BASE of the build.
window.API_BASE = '';
