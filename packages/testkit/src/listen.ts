import { once } from 'node:events'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface Listening {
  readonly host: string
  readonly url: string
  /** Ends every connection and returns when the server is closed; may be called again. */
  close(): Promise<void>
}

/** Puts a server on a free port; it does not keep the process alive. */
export async function listen(server: Server, address = '127.0.0.1'): Promise<Listening> {
  server.listen(0, address)
  await once(server, 'listening')
  server.unref()
  const host = `${address}:${(server.address() as AddressInfo).port}`
  const close = async () => {
    if (!server.listening) return
    const closed = once(server, 'close')
    server.close()
    server.closeAllConnections()
    await closed
  }
  return { host, url: `http://${host}`, close }
}
