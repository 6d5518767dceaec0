import { formatPlatform } from '@gocker/oci'
import { createContainer, type ExitStatus } from '@gocker/run'
import { BuildError } from '../error.ts'
import type { RunInstruction } from '../instructions/run.ts'
import type { RunNetwork } from '../options.ts'
import { missingFor } from '../platforms/emulation.ts'
import { type OpenMounts, openMounts } from '../run-mounts/open-mounts.ts'
import type { PlannedMount } from '../run-mounts/planned.ts'
import type { StageDirectories } from '../stage/make-layer.ts'
import { Scratch } from '../stage/scratch.ts'
import type { StepContext } from '../stage/step-context.ts'
import { removeMountPoints } from './mount-points.ts'

interface StageCommand {
  readonly instruction: RunInstruction
  readonly words: readonly string[]
  /** `NAME=value`; of a name given twice the last counts. */
  readonly env: readonly string[]
  readonly network: RunNetwork
  readonly directories: StageDirectories
}

/**
 * Runs a command as `gocker run` would, on an overlay of the stage.
 * @throws {BuildError} `UNSUPPORTED` for a platform whose programs cannot be run here, `RUN_FAILED`
 */
export async function runCommand(command: StageCommand, planned: readonly PlannedMount[], context: StepContext): Promise<void> {
  const { words, instruction } = command
  refuseForeign(instruction, context)
  const status = await runMounted(command, planned, context)
  if (status.code !== 0) throw failed(words, status, instruction)
}

async function runMounted(command: StageCommand, planned: readonly PlannedMount[], context: StepContext): Promise<ExitStatus> {
  const scratch = new Scratch(context.build.options.store)
  try {
    const mounted = await openMounts(planned, scratch)
    try {
      return await runInStage({ ...command, env: [...mounted.env, ...command.env] }, mounted, context)
    } finally {
      await mounted.close()
    }
  } finally {
    await scratch.remove()
  }
}

async function runInStage(
  { words, env, network, directories }: StageCommand,
  { mounts, secretEnv }: OpenMounts,
  { build, state, signal, output }: StepContext,
): Promise<ExitStatus> {
  const { lowers, upper, work } = directories
  const { User, WorkingDir } = state.config
  const { store, addHosts = [] } = build.options
  const config = { Env: env, ...(User !== undefined && { User }), ...(WorkingDir !== undefined && { WorkingDir }) }
  const rootfs = { lowers, upper, work, config }
  const options = { mounts, secretEnv, network, addHosts, hostname: 'build', remove: true }
  const container = await createContainer({ store, rootfs, command: words, ...options })
  try {
    const running = await container.start({ signal })
    running.stdout?.on('data', (chunk: Buffer) => output('stdout', chunk))
    running.stderr?.on('data', (chunk: Buffer) => output('stderr', chunk))
    const status = await running.exited
    signal.throwIfAborted()
    return status
  } finally {
    await container.remove()
    removeMountPoints(
      upper,
      build.files.of(lowers),
      container.spec.mounts.map(({ destination }) => destination),
    )
  }
}

/** Files can be copied for any platform; programs run on this machine. */
function refuseForeign({ at }: RunInstruction, { state: { platform } }: StepContext): void {
  const missing = missingFor(platform)
  if (missing === undefined) return
  throw new BuildError('UNSUPPORTED', `RUN: programs of ${formatPlatform(platform)} cannot be run here: ${missing}`, {
    at,
    hint: "install qemu-user-static and binfmt-support, or run it in a stage of this machine's: FROM --platform=$BUILDPLATFORM",
  })
}

function failed(words: readonly string[], { code, signal, oomKilled }: ExitStatus, { at }: RunInstruction): BuildError {
  const end = oomKilled ? 'was killed for the memory it used' : signal === undefined ? `ended with code ${code}` : `was killed by ${signal}`
  return new BuildError('RUN_FAILED', `RUN: ${words.join(' ')}: ${end}`, { at })
}
