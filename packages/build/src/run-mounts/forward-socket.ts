import { chmod, chown, type FileHandle, open } from 'node:fs/promises'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { join } from 'node:path'
import { ownerHere } from '@gocker/kernel'

interface ForwardOptions {
  /** Empty; the socket is made in it. */
  readonly directory: string
  /** Permission bits. */
  readonly mode: number
  readonly uid: number
  readonly gid: number
}

/** A Unix socket behind which is another: it has a mode and an owner of its own, and ends when it is closed. */
export async function forwardSocket(
  target: string,
  { directory, mode, uid, gid }: ForwardOptions,
): Promise<{ path: string; close(): Promise<void> }> {
  const path = join(directory, 'socket')
  // A socket's path is short: 107 bytes. By the descriptor every directory's is.
  const handle = await open(directory, 'r')
  const connections = new Set<Socket>()
  const server = createServer(HALVES, (client) => tie(client, connect({ path: target, ...HALVES }), connections))
  const close = () => closeAll(server, connections, handle)
  try {
    await listening(server, `/proc/self/fd/${handle.fd}/socket`)
    await chown(path, ...ownerHere(uid, gid))
    await chmod(path, mode)
    return { path, close }
  } catch (error) {
    await close()
    throw error
  }
}

/** Who has said all may still listen. */
const HALVES = { allowHalfOpen: true }

/** What comes at one comes out at the other. */
function tie(client: Socket, agent: Socket, connections: Set<Socket>): void {
  for (const [from, to] of [
    [client, agent],
    [agent, client],
  ] as const) {
    connections.add(from)
    from.on('error', () => to.destroy())
    from.on('close', () => {
      connections.delete(from)
      if (!from.readableEnded) to.destroy()
    })
    from.pipe(to)
  }
}

function listening(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(path, resolve)
  })
}

async function closeAll(server: Server, connections: ReadonlySet<Socket>, handle: FileHandle): Promise<void> {
  for (const socket of connections) socket.destroy()
  // Its path goes with the server, and is known by the descriptor.
  await new Promise((resolve) => server.close(resolve))
  await handle.close()
}
