import { posix } from 'node:path'
import { BuildError } from '../error.ts'
import type { RunInstruction } from '../instructions/run.ts'
import { expanded, type StepContext } from '../stage/step-context.ts'
import { planBind } from './bind.ts'
import { planCache } from './cache.ts'
import type { RunMount } from './mount.ts'
import { mountFiles } from './mount-files.ts'
import { parseMount } from './parse-mount.ts'
import type { PlannedMount } from './planned.ts'
import { planSecret } from './secret.ts'
import { planSsh } from './ssh.ts'
import { planTmpfs } from './tmpfs.ts'

/**
 * Reads the mounts of a RUN, and finds what they need; nothing is made yet.
 * @throws {BuildError} `SYNTAX`, `NO_SOURCE`, `NO_SECRET`
 */
export async function planMounts(instruction: RunInstruction, context: StepContext): Promise<readonly PlannedMount[]> {
  const mounts = instruction.mounts.map((text) => readMount(text, instruction, context))
  const agents = mounts.filter(({ type }) => type === 'ssh')
  const planned: PlannedMount[] = []
  for (const mount of mounts) {
    const target = mount.type === 'ssh' ? (mount.target ?? `/run/buildkit/ssh_agent.${agents.indexOf(mount)}`) : mount.target
    const destination = target === undefined ? undefined : destinationOf(target, instruction, context)
    planned.push(await planMount(mount, { destination, instruction, context }))
  }
  return planned
}

interface Planning {
  /** None for a secret that is a variable alone. */
  readonly destination: string | undefined
  readonly instruction: RunInstruction
  readonly context: StepContext
}

async function planMount(mount: RunMount, { destination = '', instruction, context }: Planning): Promise<PlannedMount> {
  const { options } = context.build
  switch (mount.type) {
    case 'bind':
      return planBind(mount, destination, await mountFiles(mount, instruction, context))
    case 'cache': {
      const files = mount.from === undefined ? undefined : await mountFiles({ ...mount, from: mount.from }, instruction, context)
      return planCache(mount, { destination, store: options.store, threads: context.build.threads, signal: context.signal, files })
    }
    case 'tmpfs':
      return planTmpfs(mount, destination)
    case 'secret':
      return planSecret(mount, { destination: mount.target === undefined ? undefined : destination, instruction, options })
    case 'ssh':
      return planSsh(mount, { destination, instruction, options })
  }
}

function readMount(text: string, instruction: RunInstruction, context: StepContext): RunMount {
  try {
    return parseMount(text, (value) => expanded(value, instruction, context))
  } catch (cause) {
    if (cause instanceof BuildError) throw cause
    throw new BuildError('SYNTAX', `RUN: --mount=${text}: ${(cause as Error).message}`, { at: instruction.at, cause })
  }
}

function destinationOf(target: string, { at }: RunInstruction, { state }: StepContext): string {
  const destination = posix.resolve('/', state.config.WorkingDir ?? '/', target)
  if (destination !== '/') return destination
  throw new BuildError('SYNTAX', 'RUN: --mount: nothing can be mounted on /', { at })
}
