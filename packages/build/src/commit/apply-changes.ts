import { posix } from 'node:path'
import { BuildError } from '../error.ts'
import { type Instruction, parseInstruction } from '../instructions/table.ts'
import type { WorkdirInstruction } from '../instructions/workdir.ts'
import { readLines } from '../language/lines.ts'
import type { StageState } from '../stage/stage-state.ts'
import { expanded, type MetadataContext } from '../stage/step-context.ts'
import { cmd } from '../steps/cmd.ts'
import { entrypoint } from '../steps/entrypoint.ts'
import { env } from '../steps/env.ts'
import { expose } from '../steps/expose.ts'
import { healthcheck } from '../steps/healthcheck.ts'
import { label } from '../steps/label.ts'
import { onbuild } from '../steps/onbuild.ts'
import { stopsignal } from '../steps/stopsignal.ts'
import { user } from '../steps/user.ts'
import { volume } from '../steps/volume.ts'

/** The instructions that change a config and no file. */
const CHANGES: { readonly [Kind in Instruction['kind']]?: (instruction: never, context: MetadataContext) => StageState } = {
  CMD: cmd,
  ENTRYPOINT: entrypoint,
  ENV: env,
  EXPOSE: expose,
  HEALTHCHECK: healthcheck,
  LABEL: label,
  ONBUILD: onbuild,
  STOPSIGNAL: stopsignal,
  USER: user,
  VOLUME: volume,
  WORKDIR: workdir,
}

const ESCAPE = '\\'

/**
 * Carries out instructions of the Gockerfile's language one after the other, as `docker commit --change` takes them.
 * @throws {BuildError} `SYNTAX`, `INVALID_OPTION` for an instruction that would change files
 * @see https://docs.docker.com/reference/cli/docker/container/commit/#change
 */
export function applyChanges(state: StageState, changes: readonly string[]): StageState {
  return changes.flatMap(instructionsOf).reduce(applied, state)
}

function instructionsOf(text: string): Instruction[] {
  return readLines(text, '--change').lines.map((line) => parseInstruction(line, ESCAPE))
}

function applied(state: StageState, instruction: Instruction): StageState {
  const change = CHANGES[instruction.kind]
  if (change !== undefined) return change(instruction as never, { state, build: { escape: ESCAPE } })
  throw new BuildError('INVALID_OPTION', `${instruction.kind} changes more than the configuration`, {
    at: instruction.at,
    hint: `there are ${Object.keys(CHANGES).join(', ')}`,
  })
}

/** Makes no directory: a start does. */
function workdir(instruction: WorkdirInstruction, context: MetadataContext): StageState {
  const { config } = context.state
  const WorkingDir = posix.resolve('/', config.WorkingDir ?? '/', expanded(instruction.path, instruction, context))
  return { ...context.state, config: { ...config, WorkingDir } }
}
