import type { AppPlan } from './app/plan';
import type { PartStatus } from './native/stack';

const DEFAULT_FOLDER = '.stack';
/** The variables that lead a program to its servers. */
export type Environment = Readonly<Record<string, string>>;

const TITLE_WIDTH = 14;
const ADDRESS_WIDTH = 24;

/** How a program is led to each datacenter's servers, and how to stop. */
export function upText(environments: readonly Environment[], folder: string): string {
  const blocks = environments.flatMap((environment) => [
    ...Object.entries(environment).map(([name, value]) => `  export ${name}=${value}`),
    '',
  ]);
  return ['', 'The stack is up. Programs find it by', ...blocks, ...hints(folder), ''].join('\n');
}

/** Where the app's page is, how to load it, and who may. */
export function appText({ doorPort, members }: AppPlan, token: string): string {
  const door = `http://localhost:${doorPort}`;
  const admins = members.map(({ adminPort }) => `--stages http://localhost:${adminPort}`);
  return [
    '',
    `The page    ${door}/?token=${token}`,
    `  load it   npm run load -- --url ${door} --token ${token} ${admins.join(' ')}`,
    '  the token is good for a day, for a member called demo',
    '',
  ].join('\n');
}

/** One line a part: whether it runs, whether it answers, where its log is. */
export function statusText(parts: readonly PartStatus[], folder: string): string {
  const lines = parts.map(({ title, address = '', running, answers, log }) => {
    const state = running
      ? `${answers ? 'answers' : 'does NOT answer'} (${running})`
      : 'is stopped';
    const name = title.padEnd(TITLE_WIDTH);
    return `${name} ${address.padEnd(ADDRESS_WIDTH)} ${state}${running ? `, log: ${log}` : ''}`;
  });
  const isUp = parts.some(({ running }) => running !== undefined);
  return [...lines, '', ...(isUp ? hints(folder) : [`start with    npm run stack`]), ''].join('\n');
}

/** What a stop leaves. */
export function stoppedText(folder: string): string {
  return `stopped; the data stays until   ${command('reset', folder)}\n`;
}

function hints(folder: string): string[] {
  return [
    `  stop with              ${command('stop', folder)}   (the data stays)`,
    `  see how it is with     ${command('status', folder)}`,
    `  delete the data with   ${command('reset', folder)}`,
  ];
}

function command(name: string, folder: string): string {
  const where = folder === DEFAULT_FOLDER ? '' : ` --folder ${folder}`;
  return `npm run stack -- ${name}${where}`;
}
