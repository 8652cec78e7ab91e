import { createServer, type Server, type Socket } from 'node:net';
import { WireReader, WireWriter } from '../../../adapters/kafka/cluster/wire';

const METADATA_KEY = 3;
const NOT_LEADER = 6;
const UNKNOWN_TOPIC = 3;
const FENCED_LEADER_EPOCH = 74;
const UNKNOWN_LEADER_EPOCH = 75;
const NO_ID = '0'.repeat(32);

/** One broker's view of its cluster's only topic. */
export interface Belief {
  /** 32 hexadecimal digits; undefined if it has no such topic. */
  id: string | undefined;
  leader: number;
  epoch: number;
  /** The offset after the last record of its own replica. */
  end: number;
}

/** A cluster whose brokers may have different views of it, as after a cut. */
export class FakeBrokers {
  readonly beliefs = new Map<number, Belief>();
  private readonly servers = new Map<number, Server>();
  private readonly sockets = new Set<Socket>();

  constructor(
    readonly topic: string,
    private readonly replicas: readonly number[],
  ) {}

  /** Starts a broker of each belief; it has the id `at`. */
  async start(beliefs: readonly Belief[]): Promise<void> {
    for (const [id, belief] of beliefs.entries()) {
      this.beliefs.set(id, belief);
      const server = createServer((socket) => this.serve(id, socket));
      this.servers.set(id, server);
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    }
  }

  addressOf(id: number): string {
    const address = this.servers.get(id)?.address() ?? null;
    if (address === null || typeof address === 'string') throw new Error(`no broker ${id}`);
    return `127.0.0.1:${address.port}`;
  }

  /** Stops a broker; the others still advertise its address. */
  async silence(id: number): Promise<void> {
    this.servers.get(id)?.on('connection', (socket) => socket.destroy());
    this.beliefs.delete(id);
  }

  async stop(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    const all = [...this.servers.values()];
    await Promise.all(all.map((server) => new Promise((resolve) => server.close(resolve))));
  }

  private serve(id: number, socket: Socket): void {
    this.sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('data', (request) => {
      const belief = this.beliefs.get(id);
      if (!belief) socket.destroy();
      else if (request.readInt16BE(4) === METADATA_KEY) socket.write(this.metadata(belief));
      else socket.write(this.offset(id, belief, request));
    });
  }

  private metadata({ epoch, id, leader }: Belief): Buffer {
    const writer = new WireWriter().int32(1).tags().int32(0).count(this.servers.size);
    for (const broker of this.servers.keys()) {
      const [host = '', port = ''] = this.addressOf(broker).split(':');
      writer.int32(broker).compactString(host).int32(Number(port)).compactString('').tags();
    }
    writer.compactString('cluster').int32(0).count(1);
    writer.int16(id === undefined ? UNKNOWN_TOPIC : 0).compactString(this.topic);
    writer
      .bytes(Buffer.from(id ?? NO_ID, 'hex'))
      .bool(false)
      .count(1);
    writer.int16(0).int32(0).int32(leader).int32(epoch);
    writer.count(this.replicas.length);
    for (const replica of this.replicas) writer.int32(replica);
    return writer.count(0).count(0).tags().int32(0).tags().tags().framed();
  }

  private offset(id: number, { end, epoch, leader }: Belief, request: Buffer): Buffer {
    const asked = epochIn(request, this.topic);
    const wrongEpoch = asked < epoch ? FENCED_LEADER_EPOCH : UNKNOWN_LEADER_EPOCH;
    const notFenced = leader === id ? 0 : NOT_LEADER;
    const error = asked === epoch ? notFenced : wrongEpoch;
    const writer = new WireWriter().int32(1).tags().int32(0).count(1).compactString(this.topic);
    writer.count(1).int32(0).int16(error).int64(-1n).int64(BigInt(end)).int32(epoch);
    return writer.tags().tags().tags().framed();
  }
}

/** The leader epoch in a ListOffsets request of version 7. */
function epochIn(request: Buffer, topic: string): number {
  const partitionAt = request.lastIndexOf(topic) + Buffer.byteLength(topic) + 1;
  const reader = new WireReader(request.subarray(partitionAt));
  reader.int32();
  return reader.int32();
}
