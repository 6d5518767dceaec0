import { BuildError } from '../error.ts'
import type { RunInstruction } from '../instructions/run.ts'
import type { RunNetwork } from '../options.ts'
import { layerStep } from '../stage/layer-step.ts'
import type { StageState } from '../stage/stage-state.ts'
import type { Step, StepContext } from '../stage/step-context.ts'
import { PREDEFINED_ARGS } from '../stage/variables.ts'
import { runWords } from './run-words.ts'

/** Runs a command as `gocker run` would, on an overlay whose upper directory becomes the layer. */
export const run: Step<RunInstruction> = async (instruction, context) => {
  refuseUnsupported(instruction)
  const { state, build } = context
  const words = runWords(instruction, state)
  const variables = Array.from(state.variables, ([name, value]) => `${name}=${value}`)
  const network = networkOf(instruction, context)
  const planned =
    instruction.mounts.length === 0 ? [] : await (await import('../run-mounts/plan-mounts.ts')).planMounts(instruction, context)
  const { User, WorkingDir } = state.config
  const { addHosts = [] } = build.options
  return await layerStep(context, {
    text: historyText(words, state),
    inputs: { run: words, env: variables, user: User, workdir: WorkingDir, network, addHosts, mounts: planned.map(({ inputs }) => inputs) },
    make: async (directories) => {
      const { runCommand } = await import('./run-command.ts')
      await runCommand({ instruction, words, env: [...proxiesOf(context), ...variables], network, directories }, planned, context)
    },
  })
}

/** Proxies given to the build are known to RUN without an ARG, and change neither cache nor history. */
function proxiesOf({ build }: StepContext): string[] {
  const { buildArgs } = build.variables
  return PREDEFINED_ARGS.flatMap((name) => (buildArgs[name] === undefined ? [] : [`${name}=${buildArgs[name]}`]))
}

function networkOf({ network, at }: RunInstruction, { build }: StepContext): RunNetwork {
  if (network === undefined || network === 'default') return build.options.network ?? 'bridge'
  if (network === 'none' || network === 'host') return network
  throw new BuildError('SYNTAX', `RUN: --network=${network} is neither default, none nor host`, { at })
}

function refuseUnsupported({ security, at }: RunInstruction): void {
  if (security !== undefined && security !== 'sandbox')
    throw new BuildError('UNSUPPORTED', `RUN: --security=${security} is not supported`, { at })
}

/** As docker words it: the arguments counted, then the command. */
function historyText(words: readonly string[], { args, variables }: StageState): string {
  const shown = Array.from(args, (name) => `${name}=${variables.get(name) ?? ''}`)
  return ['RUN', ...(shown.length === 0 ? [] : [`|${shown.length}`, ...shown]), ...words].join(' ')
}
