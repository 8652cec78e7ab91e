import type { Viewer } from './viewer-sockets';

/** How slow it is behind this process: proxies, networks and viewers. */
export interface ViewerLag {
  /**
   * How long what a viewer was sent waits on its way, ms: unsent for that long, or received late by
   * a peer nearby. 0 if the way is free, if the part cannot see it, or if there is no such viewer.
   */
  lagOf(viewer: Viewer): number;
}
