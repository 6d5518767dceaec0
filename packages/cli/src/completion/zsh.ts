import { belowGocker, nameArms, valueArms } from './case-arms.ts'
import type { CompletedCommand } from './model.ts'
import { quoted } from './names.ts'

/** A script for zsh, in its own manner: every word with what it means. @see zshcompsys(1) */
export function zshCompletion(commands: readonly CompletedCommand[]): string {
  return `#compdef gocker
# zsh completion for gocker. To have it: source <(gocker completion zsh)
_gocker_names() {
  case "$1" in
${nameArms()}
  esac
}

_gocker() {
  local gocker=\${words[1]} at=gocker word values= names=
  local -a commands flags found
  for word in "\${(@)words[2,CURRENT-1]}"; do
    case "$at $word" in
      ${belowGocker(commands)}) at="$at $word" ;;
    esac
  done
  case "$at \${words[CURRENT-1]}" in
${valueArms(commands)}
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
