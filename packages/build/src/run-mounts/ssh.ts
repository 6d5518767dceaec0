import { BuildError } from '../error.ts'
import type { RunInstruction } from '../instructions/run.ts'
import type { BuildOptions } from '../options.ts'
import { forwardSocket } from './forward-socket.ts'
import type { SshMount } from './mount.ts'
import type { OpenMount, PlannedMount } from './planned.ts'

interface SshPlace {
  readonly destination: string
  readonly instruction: RunInstruction
  readonly options: BuildOptions
}

/**
 * The agent that signs with the user's keys, which themselves stay where they are.
 * @throws {BuildError} `NO_SECRET` where one is required and not given
 */
export function planSsh({ required, ...mount }: SshMount, { destination, instruction, options }: SshPlace): PlannedMount {
  const { id, mode = 0o600, uid = 0, gid = 0 } = mount
  const agent = options.ssh?.[id]
  if (agent === undefined && required)
    throw new BuildError('NO_SECRET', `RUN: --mount: the SSH agent ${id} is required and not given`, {
      at: instruction.at,
      hint: `give it with --ssh ${id}`,
    })
  return {
    inputs: { ...mount, destination, required },
    async open(scratch): Promise<OpenMount> {
      if (agent === undefined) return { mounts: [] }
      const { path, close } = await forwardSocket(agent, { directory: await scratch.directory(), mode, uid, gid })
      const bind = { type: 'bind', readOnly: false, recursive: false, propagation: 'rprivate', createSource: false } as const
      return { mounts: [{ ...bind, source: path, destination }], env: [`SSH_AUTH_SOCK=${destination}`], close }
    },
  }
}
