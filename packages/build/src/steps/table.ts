import type { StageInstruction } from '../language/gockerfile.ts'
import type { StageState } from '../stage/stage-state.ts'
import type { StepContext } from '../stage/step-context.ts'
import { add } from './add.ts'
import { arg } from './arg.ts'
import { cmd } from './cmd.ts'
import { copy } from './copy.ts'
import { entrypoint } from './entrypoint.ts'
import { env } from './env.ts'
import { expose } from './expose.ts'
import { healthcheck } from './healthcheck.ts'
import { label } from './label.ts'
import { maintainer } from './maintainer.ts'
import { onbuild } from './onbuild.ts'
import { run } from './run.ts'
import { shell } from './shell.ts'
import { stopsignal } from './stopsignal.ts'
import { user } from './user.ts'
import { volume } from './volume.ts'
import { workdir } from './workdir.ts'

const STEPS: {
  readonly [K in StageInstruction['kind']]: (
    instruction: Extract<StageInstruction, { kind: K }>,
    context: StepContext,
  ) => StageState | Promise<StageState>
} = {
  ADD: add,
  ARG: arg,
  CMD: cmd,
  COPY: copy,
  ENTRYPOINT: entrypoint,
  ENV: env,
  EXPOSE: expose,
  HEALTHCHECK: healthcheck,
  LABEL: label,
  MAINTAINER: maintainer,
  ONBUILD: onbuild,
  RUN: run,
  SHELL: shell,
  STOPSIGNAL: stopsignal,
  USER: user,
  VOLUME: volume,
  WORKDIR: workdir,
}

/** Carries an instruction out. */
export async function takeStep<K extends StageInstruction['kind']>(
  instruction: Extract<StageInstruction, { kind: K }>,
  context: StepContext,
): Promise<StageState> {
  const step = STEPS[instruction.kind] as (
    instruction: Extract<StageInstruction, { kind: K }>,
    context: StepContext,
  ) => StageState | Promise<StageState>
  return await step(instruction, context)
}
