// Served in place of the service worker when it is switched off: takes itself and all it kept away. What waits to be
// sent lies elsewhere and stays.
addEventListener("install", () => skipWaiting())
addEventListener("activate", event => event.waitUntil(caches.keys()
  .then(names => Promise.all(names.map(name => caches.delete(name))))
  .then(() => registration.unregister())))
