import { takeFlags } from '../../language/flags.ts'
import type { AsWritten, LintedFile } from '../linted-file.ts'
import type { Rule } from '../rule.ts'

export const stageNameCasing: Rule = {
  name: 'StageNameCasing',
  check: ({ stages, escape }) =>
    stages.flatMap(({ from }) => {
      const { name } = asAndName(from, escape)
      if (name === undefined || name === name.toLowerCase()) return []
      return [{ at: from.instruction.at, text: `write the stage's name ${name} in lower case: ${name.toLowerCase()}` }]
    }),
}

export const fromAsCasing: Rule = {
  name: 'FromAsCasing',
  check: ({ stages, escape }) =>
    stages.flatMap(({ from }) => {
      const { as } = asAndName(from, escape)
      const wanted = caseOf(from.word)
      if (as === undefined || wanted === undefined || as === cased(as, wanted)) return []
      return [{ at: from.instruction.at, text: `${as} is not written in the letters of ${from.word}` }]
    }),
}

export const consistentInstructionCasing: Rule = {
  name: 'ConsistentInstructionCasing',
  check(file) {
    const written = instructionsOf(file)
    const lower = written.filter(({ word }) => caseOf(word) === 'lower').length
    const upper = written.filter(({ word }) => caseOf(word) === 'upper').length
    const wanted = lower > upper ? 'lower' : 'upper'
    return written.flatMap(({ word, instruction: { at } }) =>
      word === cased(word, wanted) ? [] : [{ at, text: `${word} is not written in ${wanted} case, as most instructions here are` }],
    )
  },
}

function instructionsOf({ stages }: LintedFile) {
  return stages.flatMap(({ from, instructions }) => [from, ...instructions])
}

function asAndName({ rest }: AsWritten, escape: string): { as?: string; name?: string } {
  const [, as, name] = takeFlags(rest, escape).rest.split(/\s+/)
  return { ...(as !== undefined && { as }), ...(name !== undefined && { name }) }
}

type Case = 'lower' | 'upper'

/** `undefined` where the letters are mixed. */
function caseOf(word: string): Case | undefined {
  if (word === word.toLowerCase()) return 'lower'
  return word === word.toUpperCase() ? 'upper' : undefined
}

function cased(word: string, wanted: Case): string {
  return wanted === 'lower' ? word.toLowerCase() : word.toUpperCase()
}
