import { BuildError } from '../error.ts'
import type { ArgInstruction } from '../instructions/arg.ts'
import type { FromInstruction } from '../instructions/from.ts'
import { type Instruction, parseInstruction } from '../instructions/table.ts'
import type { Directives } from './directives.ts'
import { type LogicalLine, readLines } from './lines.ts'

/** A Gockerfile as data. */
export interface Gockerfile {
  readonly directives: Directives
  /** ARGs before the first FROM: known to every FROM. */
  readonly globalArgs: readonly ArgInstruction[]
  readonly stages: readonly Stage[]
}

export interface Stage {
  readonly from: FromInstruction
  readonly instructions: readonly StageInstruction[]
}

export type StageInstruction = Exclude<Instruction, FromInstruction>

/**
 * Reads a Gockerfile.
 * @param file its name, for messages
 * @throws {BuildError} `SYNTAX`
 */
export function parseGockerfile(text: string, file: string): Gockerfile {
  const { directives, lines } = readLines(text, file)
  const globalArgs: ArgInstruction[] = []
  const stages: { from: FromInstruction; instructions: StageInstruction[] }[] = []
  for (const line of lines) {
    const instruction = parseInstruction(line, directives.escape)
    if (instruction.kind === 'ONBUILD') checkTrigger(line, directives)
    const stage = stages.at(-1)
    if (instruction.kind === 'FROM') stages.push({ from: instruction, instructions: [] })
    else if (stage !== undefined) stage.instructions.push(instruction)
    else if (instruction.kind === 'ARG') globalArgs.push(instruction)
    else
      throw new BuildError('SYNTAX', `${instruction.kind}: stands before the first FROM`, {
        at: instruction.at,
        hint: 'begin with FROM image',
      })
  }
  if (stages.length === 0) throw new BuildError('SYNTAX', `reading ${file}: it has no FROM`, { hint: 'begin with FROM image' })
  return { directives, globalArgs, stages }
}

/** A trigger that cannot be read would fail only in the builds of others. */
function checkTrigger(line: LogicalLine, { escape }: Directives): void {
  parseInstruction({ ...line, text: line.text.replace(/^\S+\s+/, '') }, escape)
}
