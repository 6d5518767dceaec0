import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import type { TestContext } from 'node:test'
import { fileURLToPath } from 'node:url'
import { type NetlinkProtocol, type NetlinkSocket, openNetlink } from '../socket.ts'

export interface TestNamespace {
  /** Of the process that lives in it. */
  readonly pid: number
  readonly path: string
  open<Protocol extends NetlinkProtocol>(protocol: Protocol): NetlinkSocket<Protocol>
  /** Runs a program in it. @returns its stdout */
  run(command: string, ...args: string[]): string
  json(command: string, ...args: string[]): unknown
  /** Connects from inside it. @returns what the server says, or undefined where there is none */
  ask(protocol: 'tcp' | 'udp', address: string, port?: number): string | undefined
  /** Whether nothing comes back from there: to be asked where the answer would come at once. */
  isSilent(address: string): boolean
}

export const ECHO_PORT = 7000
const ECHO_SERVER = fileURLToPath(new URL('./echo-server.ts', import.meta.url))

/** A network namespace that is gone after the test, with an echo server in it on every address that it will have. */
export async function makeNamespace(t: TestContext, name: string): Promise<TestNamespace> {
  const server = [process.execPath, ECHO_SERVER, name, String(ECHO_PORT)]
  const child = spawn('setpriv', ['--pdeathsig', 'KILL', '--', 'unshare', '--net', ...server], { stdio: ['ignore', 'pipe', 'inherit'] })
  const exited = once(child, 'exit')
  t.after(async () => {
    child.kill('SIGKILL')
    await exited
  })
  await once(child.stdout, 'data')
  const pid = child.pid as number
  return namespaceOf(t, pid)
}

function namespaceOf(t: TestContext, pid: number): TestNamespace {
  const path = `/proc/${pid}/ns/net`
  const inside = (command: string, args: readonly string[]): string[] => [`--net=${path}`, command, ...args]
  const run = (command: string, ...args: string[]): string => execFileSync('nsenter', inside(command, args), { encoding: 'utf8' })
  return {
    pid,
    path,
    run,
    json: (command, ...args) => JSON.parse(run(command, ...args) || '[]'),
    open: (protocol) => {
      const socket = openNetlink({ protocol, namespace: path })
      t.after(() => socket.close())
      return socket
    },
    ask: (protocol, address, port = ECHO_PORT) => connect({ path, protocol, address, port, seconds: 20 }),
    isSilent: (address) => connect({ path, protocol: 'tcp', address, port: ECHO_PORT, seconds: 1 }) === undefined,
  }
}

interface Connection {
  readonly path: string
  readonly protocol: 'tcp' | 'udp'
  readonly address: string
  readonly port: number
  readonly seconds: number
}

function connect({ path, protocol, address, port, seconds }: Connection): string | undefined {
  const script = 'exec 3<>"/dev/$0/$1/$2" && { [ "$0" = tcp ] || echo >&3; } && head -n 1 <&3'
  const args = [`--net=${path}`, 'timeout', String(seconds), 'bash', '-c', script, protocol, address, String(port)]
  const { stdout } = spawnSync('nsenter', args, { encoding: 'utf8' })
  return stdout === '' ? undefined : stdout.trim()
}
