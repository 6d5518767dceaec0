import type { ArgInstruction } from '../instructions/arg.ts'
import { withStep } from '../stage/stage-state.ts'
import { expanded, type Step, type StepContext } from '../stage/step-context.ts'

/**
 * A value given to the build goes first, then the default written here, then what was said before the first FROM. It goes over an ENV that
 * was there before, in expansions and for RUN; the image keeps the ENV. Without a value it leaves all as it is.
 */
export const arg: Step<ArgInstruction> = (instruction, context) => {
  const args = new Set(context.state.args)
  const variables = new Map(context.state.variables)
  const within = { ...context, state: { ...context.state, variables } }
  const shown = instruction.args.map(({ name, value }) => {
    const given = givenValue(name, context) ?? (value === undefined ? globalValue(name, context) : expanded(value, instruction, within))
    args.add(name)
    if (given !== undefined) variables.set(name, given)
    return given === undefined ? name : `${name}=${given}`
  })
  const { state } = context
  return withStep({ ...state, variables, args }, { text: `ARG ${shown.join(' ')}`, created: state.created })
}

function givenValue(name: string, { build }: StepContext): string | undefined {
  const { buildArgs } = build.variables
  return Object.hasOwn(buildArgs, name) ? buildArgs[name] : undefined
}

function globalValue(name: string, { build }: StepContext): string | undefined {
  return build.variables.globals.get(name)
}
