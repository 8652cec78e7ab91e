import { createServer, type Server, type Socket } from 'node:net';
import { WireWriter } from '../../../adapters/kafka/cluster/wire';

export const TOPIC = 'likes';

/** The requests that it understands, each in one version only. */
const VERSIONS = {
  produce: [0, 0],
  metadata: [3, 0],
  offsetFetch: [9, 1],
  findCoordinator: [10, 0],
};
const API_VERSIONS_KEY = 18;
const API_VERSIONS_VERSION = 2;

/** What a broker says about its cluster; partition `n` of `TOPIC` has the leader `leaders[n]`. */
export interface View {
  readonly brokers: readonly { readonly id: number; readonly port: number }[];
  readonly leaders: readonly number[];
  readonly coordinator?: number;
}

/** A broker that answers kafkajs on a real socket, or keeps its connections open in silence. */
export class ScriptedBroker {
  /** Reads requests and answers none, like a broker that is stopped or cut off. */
  isSilent = false;
  view: View = { brokers: [], leaders: [] };
  /** The number of Produce requests that it answered. */
  produced = 0;
  private readonly server: Server;
  private readonly sockets = new Set<Socket>();

  constructor() {
    this.server = createServer((socket) => this.serve(socket));
  }

  async start(): Promise<this> {
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
    return this;
  }

  get port(): number {
    const address = this.server.address();
    if (address === null || typeof address === 'string') throw new Error('it is not started');
    return address.port;
  }

  /** Closes its connections, and keeps its port. */
  dropConnections(): void {
    for (const socket of this.sockets) socket.destroy();
    this.sockets.clear();
  }

  async stop(): Promise<void> {
    this.dropConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private serve(socket: Socket): void {
    this.sockets.add(socket);
    let bytes = Buffer.alloc(0);
    socket.on('error', () => undefined);
    socket.on('data', (chunk: Buffer) => {
      bytes = Buffer.concat([bytes, chunk]);
      while (bytes.length >= 4 && bytes.length >= 4 + bytes.readInt32BE(0)) {
        const end = 4 + bytes.readInt32BE(0);
        if (!this.isSilent) socket.write(this.answer(bytes.subarray(4, end)));
        bytes = bytes.subarray(end);
      }
    });
  }

  private answer(request: Buffer): Buffer {
    const writer = new WireWriter().int32(request.readInt32BE(4));
    const key = request.readInt16BE(0);
    if (key === API_VERSIONS_KEY) return writeVersions(writer).framed();
    if (key === VERSIONS.metadata[0]) return writeMetadata(writer, this.view).framed();
    if (key === VERSIONS.findCoordinator[0]) return writeCoordinator(writer, this.view).framed();
    if (key === VERSIONS.offsetFetch[0]) return writeOffsets(writer).framed();
    this.produced += 1;
    return writeProduced(writer).framed();
  }
}

function writeVersions(writer: WireWriter): WireWriter {
  const all = Object.values(VERSIONS);
  writer.int16(0).int32(all.length + 1);
  for (const [key = 0, version = 0] of all) writer.int16(key).int16(version).int16(version);
  writer.int16(API_VERSIONS_KEY).int16(0).int16(API_VERSIONS_VERSION);
  return writer.int32(0);
}

function writeMetadata(writer: WireWriter, { brokers, leaders }: View): WireWriter {
  writer.int32(brokers.length);
  for (const { id, port } of brokers) writer.int32(id).nullableString('127.0.0.1').int32(port);
  writer.int32(1).int16(0).nullableString(TOPIC).int32(leaders.length);
  for (const [partition, leader] of leaders.entries()) {
    writer.int16(0).int32(partition).int32(leader);
    writer.int32(1).int32(leader).int32(1).int32(leader);
  }
  return writer;
}

function writeCoordinator(writer: WireWriter, { brokers, coordinator = 0 }: View): WireWriter {
  const port = brokers.find(({ id }) => id === coordinator)?.port ?? 0;
  return writer.int16(0).int32(coordinator).nullableString('127.0.0.1').int32(port);
}

/** The group has committed offset 7 of partition 0. */
function writeOffsets(writer: WireWriter): WireWriter {
  writer.int32(1).nullableString(TOPIC).int32(1);
  return writer.int32(0).int64(7n).nullableString('').int16(0);
}

/** Partition 0 has got its records at offset 0. */
function writeProduced(writer: WireWriter): WireWriter {
  return writer.int32(1).nullableString(TOPIC).int32(1).int32(0).int16(0).int64(0n);
}
