import { belowGocker, nameArms, valueArms } from './case-arms.ts'
import type { CompletedCommand } from './model.ts'
import { quoted } from './names.ts'

/** A script for bash, which needs nothing else. @see bash(1), Programmable Completion */
export function bashCompletion(commands: readonly CompletedCommand[]): string {
  return `# bash completion for gocker. To have it: source <(gocker completion bash)
_gocker_names() {
  local gocker=\${COMP_WORDS[0]}
  case "$1" in
${nameArms()}
  esac
}

_gocker() {
  local line=\${COMP_LINE:0:COMP_POINT} at=gocker word commands= flags= values= names=
  local cur=\${line##*[[:space:]]} prev=\${COMP_WORDS[COMP_CWORD - 1]}
  COMPREPLY=()
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case "$at $word" in
      ${belowGocker(commands)}) at="$at $word" ;;
    esac
  done
  case "$at $prev" in
${valueArms(commands)}
  esac
  case "$at" in
${commands.map(commandCase).join('\n')}
  esac
  if [[ -n $values ]]; then
    case "$values" in
      file) compopt -o default; return ;;
      any) return ;;
      names:*) COMPREPLY=($(compgen -W "$(_gocker_names "\${values#names:}")" -- "$cur")) ;;
      *) COMPREPLY=($(compgen -W "$values" -- "$cur")) ;;
    esac
  elif [[ $cur == -* ]]; then
    COMPREPLY=($(compgen -W "$flags" -- "$cur"))
  elif [[ -n $commands ]]; then
    COMPREPLY=($(compgen -W "$commands" -- "$cur"))
  elif [[ $names == files ]]; then
    compopt -o default
  elif [[ -n $names ]]; then
    COMPREPLY=($(compgen -W "$(_gocker_names "$names")" -- "$cur"))
  fi
  # Where a colon ends a word, what stands before it is there already.
  if [[ $cur == *:* && $COMP_WORDBREAKS == *:* ]]; then
    local before=\${cur%"\${cur##*:}"}
    COMPREPLY=("\${COMPREPLY[@]#"$before"}")
  fi
}

complete -F _gocker gocker
`
}

function commandCase({ path, commands, flags, argument }: CompletedCommand): string {
  const words = [
    commands.length > 0 && `commands=${quoted(commands.map(({ name }) => name).join(' '))}`,
    `flags=${quoted(flags.flatMap(({ long, short }) => long ?? short ?? []).join(' '))}`,
    argument !== undefined && `names=${argument}`,
  ]
  return `    ${quoted(path)}) ${words.filter((word) => word !== false).join(' ')} ;;`
}
