import type { CompletedCommand, CompletedFlag } from './model.ts'
import { NAME_COMMANDS, quoted, THINGS } from './names.ts'

/** A script for zsh, in its own manner: every word with what it means. @see zshcompsys(1) */
export function zshCompletion(commands: readonly CompletedCommand[]): string {
  return `#compdef gocker
# zsh completion for gocker. To have it: source <(gocker completion zsh)
_gocker_names() {
  case "$1" in
${Object.entries(NAME_COMMANDS)
  .map(([kind, line]) => `    ${kind}) "$gocker" ${line.map(quoted).join(' ')} 2>/dev/null ;;`)
  .join('\n')}
    things) ${THINGS.map((kind) => `_gocker_names ${kind}`).join('; ')} ;;
  esac
}

_gocker() {
  local gocker=\${words[1]} at=gocker word values= names=
  local -a commands flags found
  for word in "\${(@)words[2,CURRENT-1]}"; do
    case "$at $word" in
      ${commands
        .slice(1)
        .map(({ path }) => quoted(path))
        .join(' | ')}) at="$at $word" ;;
    esac
  done
  case "$at \${words[CURRENT-1]}" in
${commands.flatMap(valueCases).join('\n')}
  esac
  case "$at" in
${commands.map(commandCase).join('\n')}
  esac
  if [[ -n $values ]]; then
    case "$values" in
      file) _files ;;
      any) return 1 ;;
      names:*) found=("\${(@f)$(_gocker_names "\${values#names:}")}"); compadd -- $found ;;
      *) compadd -- \${=values} ;;
    esac
  elif [[ $PREFIX == -* ]]; then
    _describe -o 'flag' flags
  elif (( $#commands )); then
    _describe 'command' commands
  elif [[ $names == files ]]; then
    _files
  elif [[ -n $names ]]; then
    found=("\${(@f)$(_gocker_names $names)}")
    compadd -- $found
  fi
}

if [[ $funcstack[1] == _gocker ]]; then
  _gocker "$@"
else
  compdef _gocker gocker
fi
`
}

function commandCase({ path, commands, flags, argument }: CompletedCommand): string {
  const parts = [
    commands.length > 0 && `commands=(${commands.map(({ name, summary }) => described(name, summary)).join(' ')})`,
    `flags=(${flags.map(({ long, short, summary }) => described(long ?? short ?? '', summary)).join(' ')})`,
    argument !== undefined && `names=${argument}`,
  ]
  return `    ${quoted(path)}) ${parts.filter((part) => part !== false).join('; ')} ;;`
}

/** `_describe` takes `word:meaning`. */
function described(word: string, summary: string): string {
  return quoted(`${word.replaceAll(':', '\\:')}:${summary}`)
}

function valueCases({ path, flags }: CompletedCommand): string[] {
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
