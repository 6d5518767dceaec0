import { BuildError } from '../error.ts'
import type { LogicalLine } from '../language/lines.ts'
import { suggestion } from '../language/suggestion.ts'
import { type AddInstruction, add } from './add.ts'
import { type ArgInstruction, arg } from './arg.ts'
import { type CmdInstruction, cmd } from './cmd.ts'
import { type CopyInstruction, copy } from './copy.ts'
import { type EntrypointInstruction, entrypoint } from './entrypoint.ts'
import { type EnvInstruction, env } from './env.ts'
import { type ExposeInstruction, expose } from './expose.ts'
import { type FromInstruction, from } from './from.ts'
import { type HealthcheckInstruction, healthcheck } from './healthcheck.ts'
import { type InstructionKind, instructionText } from './instruction.ts'
import { type LabelInstruction, label } from './label.ts'
import { type MaintainerInstruction, maintainer } from './maintainer.ts'
import { type OnbuildInstruction, onbuild } from './onbuild.ts'
import { type RunInstruction, run } from './run.ts'
import { type ShellInstruction, shell } from './shell.ts'
import { type StopSignalInstruction, stopsignal } from './stopsignal.ts'
import { type UserInstruction, user } from './user.ts'
import { type VolumeInstruction, volume } from './volume.ts'
import { type WorkdirInstruction, workdir } from './workdir.ts'

export type Instruction =
  | AddInstruction
  | ArgInstruction
  | CmdInstruction
  | CopyInstruction
  | EntrypointInstruction
  | EnvInstruction
  | ExposeInstruction
  | FromInstruction
  | HealthcheckInstruction
  | LabelInstruction
  | MaintainerInstruction
  | OnbuildInstruction
  | RunInstruction
  | ShellInstruction
  | StopSignalInstruction
  | UserInstruction
  | VolumeInstruction
  | WorkdirInstruction

const KINDS: readonly InstructionKind<Instruction>[] = [
  ...[add, arg, cmd, copy, entrypoint, env, expose, from, healthcheck],
  ...[label, maintainer, onbuild, run, shell, stopsignal, user, volume, workdir],
]

const BY_KEYWORD = new Map(KINDS.map((kind) => [kind.keyword, kind]))

/**
 * Reads one instruction.
 * @throws {BuildError} `SYNTAX`
 */
export function parseInstruction(line: LogicalLine, escape: string): Instruction {
  const text = instructionText(line, escape)
  const kind = BY_KEYWORD.get(text.keyword)
  if (kind !== undefined) return kind.parse(text)
  const meant = suggestion(text.keyword, [...BY_KEYWORD.keys()])
  throw new BuildError('SYNTAX', `unknown instruction ${text.keyword}`, { at: line.at, hint: meant && `did you mean ${meant}?` })
}
