import { closeSync, readSync, writeSync } from 'node:fs'
import { connectUnix } from '@gocker/kernel'
import { RunError } from '../../error.ts'
import type { PublishedPort } from '../state.ts'
import { READY_DESCRIPTOR } from './carrier-program.ts'

const DEVICE = 'tap0'
/** The container's address on the network that slirp4netns makes. */
const ADDRESS = '10.0.2.100'
const LARGEST_ANSWER = 4096

/**
 * How slirp4netns(1) is called: the namespace is its stdin, and it writes to a descriptor when it is ready.
 * @param socket by which ports are published, seen from its working directory: an address has room for a short path only
 */
export function slirpArguments(socket: string): string[] {
  const guarded = ['--disable-host-loopback', '--enable-sandbox', '--enable-seccomp']
  const told = ['--ready-fd', `${READY_DESCRIPTOR}`, '--api-socket', socket, '--netns-type', 'path']
  return ['--configure', '--mtu', '65520', ...guarded, ...told, '/proc/self/fd/0', DEVICE]
}

/**
 * Lets ports of the machine lead to the container.
 * @param socket the path of its socket
 * @throws {RunError} `NETWORK_FAILED`
 * @see slirp4netns(1), "API SOCKET"
 */
export function publishBySlirp(socket: string, ports: readonly PublishedPort[]): void {
  for (const { protocol, hostAddress, hostPort, containerPort } of ports) {
    const words = { proto: protocol, host_addr: hostAddress, host_port: hostPort, guest_addr: ADDRESS, guest_port: containerPort }
    const why = refusal(ask(socket, { execute: 'add_hostfwd', arguments: words }))
    if (why !== undefined)
      throw new RunError('NETWORK_FAILED', `publishing port ${hostPort}/${protocol} of ${hostAddress}: slirp4netns: ${why}`)
  }
}

/** It takes one question a connection. */
function ask(socket: string, question: unknown): string {
  const connection = connectUnix(socket)
  try {
    writeSync(connection, JSON.stringify(question))
    const answer = Buffer.alloc(LARGEST_ANSWER)
    return answer.toString('utf8', 0, readSync(connection, answer))
  } finally {
    closeSync(connection)
  }
}

function refusal(answer: string): string | undefined {
  if (answer === '') return 'it gave no answer'
  const { error } = JSON.parse(answer) as { error?: { desc?: string } }
  return error === undefined ? undefined : (error.desc ?? 'it refuses')
}
