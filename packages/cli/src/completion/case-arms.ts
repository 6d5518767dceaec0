import type { CompletedCommand, CompletedFlag } from './model.ts'
import { NAME_COMMANDS, quoted, THINGS } from './names.ts'

/** What bash and zsh have alike: arms of `case`, as sh(1) has it. The one that prints the names of a kind. */
export function nameArms(): string {
  const arms = Object.entries(NAME_COMMANDS).map(([kind, words]) => `    ${kind}) "$gocker" ${words.map(quoted).join(' ')} 2>/dev/null ;;`)
  const things = THINGS.map((kind) => `_gocker_names ${kind}`).join('; ')
  return [...arms, `    things) ${things} ;;`].join('\n')
}

/** The pattern of every command's words. */
export function belowGocker(commands: readonly CompletedCommand[]): string {
  return commands
    .slice(1)
    .map(({ path }) => quoted(path))
    .join(' | ')
}

/** An arm for each flag that something has to stand behind: what that may be. */
export function valueArms(commands: readonly CompletedCommand[]): string {
  return commands.flatMap(valueArmsOf).join('\n')
}

function valueArmsOf({ path, flags }: CompletedCommand): string[] {
  return flags
    .filter(({ value }) => value !== undefined)
    .map((flag) => {
      const names = [flag.long, flag.short].filter((name) => name !== undefined)
      return `    ${names.map((name) => quoted(`${path} ${name}`)).join(' | ')}) values=${quoted(valueText(flag))} ;;`
    })
}

function valueText({ value }: CompletedFlag): string {
  if (value === undefined || typeof value === 'string') return value ?? 'any'
  return 'choices' in value ? value.choices.join(' ') : `names:${value.named}`
}
