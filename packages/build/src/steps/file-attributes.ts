import { accountFileOf } from '../copy/account-file.ts'
import { parseMode } from '../copy/mode.ts'
import { type Owner, ownerIn } from '../copy/owner.ts'
import { BuildError } from '../error.ts'
import type { StageInstruction } from '../language/gockerfile.ts'
import { expanded, type StepContext } from '../stage/step-context.ts'

/**
 * `--chown`, its variables replaced, and its names looked up in the stage.
 * @throws {BuildError} `SYNTAX`, also for a name that the stage does not have
 */
export function checkedOwner(text: string | undefined, instruction: StageInstruction, context: StepContext): Owner | undefined {
  const owner = text === undefined ? '' : expanded(text, instruction, context)
  if (owner === '') return undefined
  try {
    return ownerIn(accountFileOf(directoriesOf(context)), owner)
  } catch (cause) {
    throw new BuildError('SYNTAX', `${instruction.kind}: --chown=${owner}: ${(cause as Error).message}`, {
      at: instruction.at,
      cause,
      hint: 'name a user of the stage, or give numbers',
    })
  }
}

/** `--chmod`, its variables replaced. @throws {BuildError} `SYNTAX` */
export function checkedMode(text: string | undefined, instruction: StageInstruction, context: StepContext): string | undefined {
  const mode = text === undefined ? '' : expanded(text, instruction, context)
  if (mode === '') return undefined
  if (parseMode(mode) !== undefined) return mode
  throw new BuildError('SYNTAX', `${instruction.kind}: --chmod=${mode}: not a mode`, {
    at: instruction.at,
    hint: 'such as 755, 0644 or u=rwX,go=rX',
  })
}

/** The stage's layers on disk, the top first. */
export function directoriesOf({ state, build }: StepContext): string[] {
  return build.options.store.layers.stack(state.layers.map(({ diffID }) => diffID))
}
