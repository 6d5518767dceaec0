import { execFileSync } from 'node:child_process'
import { createSocket } from 'node:dgram'
import { closeSync, openSync, readFileSync, rmSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { setTimeout as delay } from 'node:timers/promises'

const PATIENCE = 60_000
/** As /proc/net/route has it, in its second field. */
const ANYWHERE = '00000000'

/** The device of pasta's links as everybody may open it, in a file of its own; or why there cannot be one. */
export function openTun(directory: string): { readonly file: string } | { readonly missing: string } {
  const routes = readFileSync('/proc/net/route', 'utf8').split('\n')
  if (!routes.some((line) => line.split('\t')[1] === ANYWHERE)) return { missing: 'this machine has no default route, which pasta takes' }
  const file = join(directory, 'open-tun')
  try {
    closeSync(openSync('/dev/net/tun', 'r+'))
    rmSync(file, { force: true })
    execFileSync('mknod', ['-m', '666', file, 'c', '10', '200'])
    closeSync(openSync(file, 'r+'))
    return { file }
  } catch (error) {
    return { missing: `this machine has no /dev/net/tun that can be opened: ${error}` }
  }
}

/** What a server on this host's loopback sends at once, as soon as it sends something. */
export async function answerOf(port: number): Promise<string> {
  const end = Date.now() + PATIENCE
  for (;;) {
    const answer = await text(connect(port, '127.0.0.1')).catch(() => '')
    if (answer !== '' || Date.now() > end) return answer
    await delay(50)
  }
}

/** Sends a datagram to this host's loopback, again and again, as any may be lost. @returns whether it came to be heard */
export async function sendUntil(port: number, text: string, isHeard: () => Promise<boolean>): Promise<boolean> {
  const socket = createSocket('udp4')
  const end = Date.now() + PATIENCE
  try {
    while (Date.now() < end) {
      for (let time = 0; time < 5; time++) {
        socket.send(text, port, '127.0.0.1')
        await delay(50)
      }
      if (await isHeard()) return true
    }
    return false
  } finally {
    socket.close()
  }
}
