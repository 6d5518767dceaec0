import { closeSync, openSync, readFileSync, rmSync } from 'node:fs'
import { at, LaunchProgram, launch, listenUnix, slot, struct, value } from '@gocker/kernel'

/** @see include/uapi/linux/seccomp.h of Linux */
const SECCOMP_IOCTL_NOTIF_RECV = 0xc050_2100
const SECCOMP_IOCTL_NOTIF_SEND = 0xc018_2101
const NOTIFICATION_SIZE = 80
/** Of struct cmsghdr; a descriptor is behind it. */
const HEADER_SIZE = 16
const LONGEST_NOTICE = 4096

export interface SeccompAgent {
  /** What it was told with the descriptor, when it has answered one system call. */
  notice(): Promise<{ readonly [name: string]: unknown }>
}

/**
 * Answers the first system call that it is asked about by an error; a launch program, since Node has no ioctl.
 * @param path of the socket at which it listens
 * @param errno what the call gets
 */
export async function seccompAgent(path: string, errno: number): Promise<SeccompAgent> {
  const file = `${path}.notice`
  const [listener, output] = [listenUnix(path), openSync(file, 'w')]
  try {
    const stdio = ['ignore', output, 'ignore'] as const
    const { exited } = await launch(answering(errno), { title: 'agent', stdio, descriptors: { listener } })
    return {
      notice: async () => {
        const { code, failure } = await exited
        rmSync(path)
        if (code !== 0) throw new Error(`the agent has failed: ${failure?.text}`)
        return JSON.parse(readFileSync(file, 'utf8'))
      },
    }
  } finally {
    for (const fd of [listener, output]) closeSync(fd)
  }
}

function answering(errno: number): LaunchProgram {
  const program = new LaunchProgram()
  const [connection, size, text] = [slot('connection'), slot('size'), slot('text', LONGEST_NOTICE)]
  const control = struct([0, 0, 0])
  const message = struct([0, 0, struct([text, LONGEST_NOTICE]), 1, control, HEADER_SIZE + 8, 0])
  const asked = slot('notification', NOTIFICATION_SIZE)
  const answer = struct([0, 0, BigInt.asUintN(32, BigInt(-errno))])
  const listener = value(at(control, HEADER_SIZE))
  return program
    .row({ name: 'wait for a runtime', call: 'accept4', args: [program.descriptor('listener'), 0, 0, 0], result: connection })
    .row({ name: 'take the descriptor', call: 'recvmsg', args: [value(connection), message, 0], result: size })
    .row({ name: 'write the notice', call: 'write', args: [1, text, value(size)] })
    .row({ name: 'wait for a call', call: 'ioctl', args: [listener, SECCOMP_IOCTL_NOTIF_RECV, asked] })
    .compare({ name: 'answer to it', a: value(at(asked, 0)), b: 0, result: at(answer, 0) })
    .row({ name: 'answer', call: 'ioctl', args: [listener, SECCOMP_IOCTL_NOTIF_SEND, answer] })
}
