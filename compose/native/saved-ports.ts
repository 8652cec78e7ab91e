import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Ports, PublicPorts } from './ports';

/** What a folder tells of the ports; a stack of containers has no inner ones. */
export type KnownPorts = PublicPorts & Partial<Ports>;

/** The ports that the stack of this folder had when it last started. */
export function savedPorts(folder: string): KnownPorts | undefined {
  try {
    return JSON.parse(readFileSync(portsFile(folder), 'utf8'));
  } catch {
    return undefined;
  }
}

/** Notes the ports for the next start in this folder. */
export function savePorts(folder: string, ports: KnownPorts): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(portsFile(folder), JSON.stringify(ports));
}

/** Forgets them: there is no stack in this folder any more. */
export function forgetPorts(folder: string): void {
  rmSync(portsFile(folder), { force: true });
}

function portsFile(folder: string): string {
  return join(folder, 'ports.json');
}
