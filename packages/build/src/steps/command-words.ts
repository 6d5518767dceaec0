import type { CommandForm } from '../instructions/arguments.ts'
import type { StageState } from '../stage/stage-state.ts'

/** The exec form as it is, the shell form behind the stage's shell. */
export function commandWords(command: CommandForm, { shell }: StageState): readonly string[] {
  return command.form === 'exec' ? command.words : [...shell, command.line]
}

/** As docker's history shows a command. */
export function listed(words: readonly string[]): string {
  return `[${words.map((word) => JSON.stringify(word)).join(' ')}]`
}
