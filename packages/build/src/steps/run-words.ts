import type { RunInstruction } from '../instructions/run.ts'
import { heredocOpening } from '../language/heredocs.ts'
import type { StageState } from '../stage/stage-state.ts'
import { commandWords } from './command-words.ts'

/**
 * What RUN executes. A heredoc alone is the shell's script, or a program of its own where it begins with `#!`;
 * behind a command it is the command's input, as the shell has it.
 * @see https://docs.docker.com/reference/dockerfile/#here-documents
 */
export function runWords({ command, heredocs }: RunInstruction, state: StageState): readonly string[] {
  const [first] = heredocs
  if (command.form === 'exec' || first === undefined) return commandWords(command, state)
  const isAlone = heredocs.length === 1 && heredocOpening(command.line) !== undefined
  if (isAlone && first.content.startsWith('#!')) return interpreted(first.content)
  if (isAlone) return [...state.shell, first.content]
  const bodies = heredocs.map(({ content, name }) => `\n${content}${name}`).join('')
  return [...state.shell, command.line + bodies]
}

/** Puts a script with a `#!` of its own into a file, and runs that: only the kernel reads such a line as it is meant. */
function interpreted(script: string): string[] {
  const program = 'f=$(mktemp) && printf %s "$1" >"$f" && chmod 700 "$f" && { "$f"; c=$?; rm -f "$f"; exit $c; }'
  return ['/bin/sh', '-c', program, 'sh', script]
}
