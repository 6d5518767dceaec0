import type { CompletedCommand, CompletedFlag, FlagValue, Named } from './model.ts'
import { NAME_COMMANDS, THINGS } from './names.ts'

/** A script for fish: a line for each word and what it means. @see https://fishshell.com/docs/current/completions.html */
export function fishCompletion(commands: readonly CompletedCommand[]): string {
  const paths = commands.slice(1).map(({ path }) => quotedForFish(path))
  return `# fish completion for gocker. To have it: gocker completion fish | source
function __gocker_at
    set -l paths ${paths.join(' ')}
    set -l at gocker
    for word in (commandline -opc)[2..]
        contains -- "$at $word" $paths; and set at "$at $word"
    end
    test "$at" = "$argv"
end

function __gocker_names
    set -l gocker (commandline -opc)[1]
    switch $argv
${Object.entries(NAME_COMMANDS)
  .map(([kind, words]) => `        case ${kind}\n            $gocker ${words.map(quotedForFish).join(' ')} 2>/dev/null`)
  .join('\n')}
        case things
${THINGS.map((kind) => `            __gocker_names ${kind}`).join('\n')}
    end
end

complete -c gocker -f
${commands.flatMap(linesOf).join('\n')}
`
}

function linesOf({ path, commands, flags, argument }: CompletedCommand): string[] {
  const at = `complete -c gocker -n ${quotedForFish(`__gocker_at ${path}`)}`
  return [
    ...commands.map(({ name, summary }) => `${at} -a ${name} -d ${quotedForFish(summary)}`),
    ...flags.map((flag) => `${at} ${flagText(flag)} -d ${quotedForFish(flag.summary)}`),
    ...(argument === undefined ? [] : [`${at} ${namesText(argument)}`]),
  ]
}

function flagText({ long, short, value }: CompletedFlag): string {
  const words = [
    long !== undefined && `-l ${long.replace(/^--/, '')}`,
    short !== undefined && `-s ${short.replace(/^-/, '')}`,
    value !== undefined && valueText(value),
  ]
  return words.filter((word) => word !== false).join(' ')
}

function valueText(value: FlagValue): string {
  if (value === 'file') return '-r -F'
  if (value === 'any') return '-x'
  return 'choices' in value ? `-x -a ${quotedForFish(value.choices.join(' '))}` : `-r ${namesText(value.named)}`
}

function namesText(named: Named): string {
  return named === 'files' ? '-F' : `-a ${quotedForFish(`(__gocker_names ${named})`)}`
}

/** @see https://fishshell.com/docs/current/language.html#quotes */
function quotedForFish(word: string): string {
  return /^[A-Za-z0-9_./:=-]+$/.test(word) ? word : `'${word.replace(/[\\']/g, '\\$&')}'`
}
