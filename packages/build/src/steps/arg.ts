import type { ArgInstruction } from '../instructions/arg.ts'
import { withStep } from '../stage/stage-state.ts'
import { expanded, type Step, type StepContext } from '../stage/step-context.ts'

/** A value given to the build goes first, then the default written here, then what was said before the first FROM. */
export const arg: Step<ArgInstruction> = (instruction, context) => {
  const args = new Map(context.state.args)
  const within = { ...context, state: { ...context.state, args } }
  const shown = instruction.args.map(({ name, value }) => {
    const given = givenValue(name, context) ?? (value === undefined ? globalValue(name, context) : expanded(value, instruction, within))
    if (given !== undefined) args.set(name, given)
    return given === undefined ? name : `${name}=${given}`
  })
  const { state } = context
  return withStep({ ...state, args }, { text: `ARG ${shown.join(' ')}`, created: state.created })
}

function givenValue(name: string, { build }: StepContext): string | undefined {
  const { buildArgs } = build.variables
  return Object.hasOwn(buildArgs, name) ? buildArgs[name] : undefined
}

function globalValue(name: string, { build }: StepContext): string | undefined {
  return build.variables.globals.get(name)
}
