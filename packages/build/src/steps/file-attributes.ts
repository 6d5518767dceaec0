import { parseMode } from '../copy/mode.ts'
import type { Owner } from '../copy/owner.ts'
import { BuildError } from '../error.ts'
import type { StageInstruction } from '../language/gockerfile.ts'
import { expanded, type StepContext } from '../stage/step-context.ts'

/**
 * `--chown`, its variables replaced.
 * @returns `undefined` where nothing is asked for
 * @throws {BuildError} `SYNTAX` for what names nobody
 */
export function writtenOwner(text: string | undefined, instruction: StageInstruction, context: StepContext): string | undefined {
  const owner = text === undefined ? '' : expanded(text, instruction, context)
  if (owner !== ':') return owner === '' ? undefined : owner
  throw refusedOwner(owner, instruction, 'it names neither a user nor a group')
}

/**
 * Whom a text of `--chown` names in the stage.
 * @throws {BuildError} `SYNTAX` for a name that the stage does not have
 */
export async function ownerOf(text: string, instruction: StageInstruction, context: StepContext): Promise<Owner> {
  // Loaded here: what is known needs no look into the stage.
  const [{ accountFileOf }, { ownerIn }] = await Promise.all([import('../copy/stage-files.ts'), import('../copy/owner.ts')])
  try {
    return ownerIn(accountFileOf(directoriesOf(context)), text)
  } catch (cause) {
    throw refusedOwner(text, instruction, (cause as Error).message, cause)
  }
}

function refusedOwner(owner: string, { kind, at }: StageInstruction, why: string, cause?: unknown): BuildError {
  return new BuildError('SYNTAX', `${kind}: --chown=${owner}: ${why}`, { at, cause, hint: 'name a user of the stage, or give numbers' })
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
function directoriesOf({ state, build }: StepContext): string[] {
  return build.files.of(build.options.store.layers.stack(state.layers.map(({ diffID }) => diffID)))
}
