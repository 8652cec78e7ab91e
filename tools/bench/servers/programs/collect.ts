/** Loaded into a Node server: collects garbage on SIGUSR2, so that memory can be compared. */
process.on('SIGUSR2', () => {
  // The second collection frees objects that waited for finalizers.
  globalThis.gc?.();
  globalThis.gc?.();
});
