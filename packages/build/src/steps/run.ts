import { formatPlatform } from '@gocker/oci'
import { createContainer, type ExitStatus } from '@gocker/run'
import { BuildError } from '../error.ts'
import type { RunInstruction } from '../instructions/run.ts'
import { missingFor } from '../platforms/emulation.ts'
import { type OpenMounts, openMounts } from '../run-mounts/open-mounts.ts'
import { planMounts } from '../run-mounts/plan-mounts.ts'
import type { PlannedMount } from '../run-mounts/planned.ts'
import { layerStep } from '../stage/layer-step.ts'
import type { StageDirectories } from '../stage/make-layer.ts'
import { Scratch } from '../stage/scratch.ts'
import { environmentOf, type StageState } from '../stage/stage-state.ts'
import type { Step, StepContext } from '../stage/step-context.ts'
import { PREDEFINED_ARGS } from '../stage/variables.ts'
import { removeMountPoints } from './mount-points.ts'
import { runWords } from './run-words.ts'

/** Runs a command as `gocker run` would, on an overlay whose upper directory becomes the layer. */
export const run: Step<RunInstruction> = async (instruction, context) => {
  refuseUnsupported(instruction)
  const { state, build } = context
  const words = runWords(instruction, state)
  const args = argumentsOf(context)
  const network = networkOf(instruction, context)
  const planned = await planMounts(instruction, context)
  const { User, WorkingDir, Env } = state.config
  const { addHosts = [] } = build.options
  return await layerStep(context, {
    text: historyText(words, state),
    inputs: { run: words, args, user: User, workdir: WorkingDir, env: Env, network, addHosts, mounts: planned.map(({ inputs }) => inputs) },
    make: async (directories) => {
      refuseForeign(instruction, context)
      const env = [...args, ...proxiesOf(context), ...(Env ?? [])]
      const status = await runMounted({ words, env, network, directories }, planned, context)
      if (status.code !== 0) throw failed(words, status, instruction)
    },
  })
}

interface StageCommand {
  readonly words: readonly string[]
  /** `NAME=value`; of a name given twice the last counts. */
  readonly env: readonly string[]
  readonly network: 'none' | 'host'
  readonly directories: StageDirectories
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
      lowers,
      container.spec.mounts.map(({ destination }) => destination),
    )
  }
}

/** What the stage has declared and ENV does not set; ENV goes over ARG. */
function argumentsOf({ state }: StepContext): string[] {
  const environment = environmentOf(state.config)
  return Array.from(state.args, ([name, value]) => `${name}=${value}`).filter((line) => !environment.has(line.slice(0, line.indexOf('='))))
}

/** Proxies given to the build are known to RUN without an ARG, and change neither cache nor history. */
function proxiesOf({ build }: StepContext): string[] {
  const { buildArgs } = build.variables
  return PREDEFINED_ARGS.flatMap((name) => (buildArgs[name] === undefined ? [] : [`${name}=${buildArgs[name]}`]))
}

function networkOf({ network, at }: RunInstruction, { build }: StepContext): 'none' | 'host' {
  if (network === undefined || network === 'default') return build.options.network ?? 'none'
  if (network === 'none' || network === 'host') return network
  throw new BuildError('SYNTAX', `RUN: --network=${network} is neither default, none nor host`, { at })
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

function refuseUnsupported({ security, at }: RunInstruction): void {
  if (security !== undefined && security !== 'sandbox')
    throw new BuildError('UNSUPPORTED', `RUN: --security=${security} is not supported`, { at })
}

/** As docker words it: the arguments counted, then the command. */
function historyText(words: readonly string[], { args }: StageState): string {
  const shown = Array.from(args, ([name, value]) => `${name}=${value}`)
  return ['RUN', ...(shown.length === 0 ? [] : [`|${shown.length}`, ...shown]), ...words].join(' ')
}

function failed(words: readonly string[], { code, signal, oomKilled }: ExitStatus, { at }: RunInstruction): BuildError {
  const end = oomKilled ? 'was killed for the memory it used' : signal === undefined ? `ended with code ${code}` : `was killed by ${signal}`
  return new BuildError('RUN_FAILED', `RUN: ${words.join(' ')}: ${end}`, { at })
}
