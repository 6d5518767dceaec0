import { BuildError } from '../error.ts'
import type { StageInstruction } from '../language/gockerfile.ts'
import { expanded, type StepContext } from '../stage/step-context.ts'

/** `--chown`, its variables replaced. @throws {BuildError} `SYNTAX` */
export function checkedOwner(text: string | undefined, instruction: StageInstruction, context: StepContext): string | undefined {
  if (text === undefined) return undefined
  const owner = expanded(text, instruction, context)
  if (/^[^:\s]+(?::[^:\s]+)?$/.test(owner)) return owner
  throw new BuildError('SYNTAX', `${instruction.kind}: --chown=${owner}: not user[:group]`, { at: instruction.at })
}

/** `--chmod`, its variables replaced. @throws {BuildError} `SYNTAX` */
export function checkedMode(text: string | undefined, instruction: StageInstruction, context: StepContext): string | undefined {
  if (text === undefined) return undefined
  const mode = expanded(text, instruction, context)
  if (/^[0-7]{1,4}$/.test(mode)) return mode
  throw new BuildError('SYNTAX', `${instruction.kind}: --chmod=${mode}: not an octal mode`, {
    at: instruction.at,
    hint: 'such as 755 or 0644',
  })
}
