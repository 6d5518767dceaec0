import type { LintedInstruction } from '../linted-file.ts'
import type { Rule } from '../rule.ts'
import { valueIn } from '../scope.ts'

export const copyIgnoredFile: Rule = {
  name: 'CopyIgnoredFile',
  check: ({ stages, escape, isIgnored }) =>
    stages.flatMap(({ instructions }) =>
      instructions.flatMap((written) =>
        contextSources(written, escape)
          .filter(isIgnored)
          .map((source) => ({ at: written.instruction.at, text: `an ignore file leaves ${source} out of the context` })),
      ),
    ),
}

/** What is taken from the context: not from other stages, nor from the network. */
function contextSources({ instruction, scope }: LintedInstruction, escape: string): string[] {
  if (instruction.kind !== 'COPY' && instruction.kind !== 'ADD') return []
  if (instruction.kind === 'COPY' && instruction.from !== undefined) return []
  return instruction.sources.map((source) => valueIn(scope, source, escape)).filter((source) => !/^\w+:\/\/|^git@/.test(source))
}
