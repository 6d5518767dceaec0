import type { LintedInstruction } from '../linted-file.ts'
import type { Rule } from '../rule.ts'

export const jsonArgsRecommended: Rule = {
  name: 'JSONArgsRecommended',
  check: ({ stages }) =>
    stages.flatMap(({ instructions }) =>
      instructions.flatMap(({ instruction, scope }) => {
        if (instruction.kind !== 'CMD' && instruction.kind !== 'ENTRYPOINT') return []
        if (instruction.command.form === 'exec' || scope.hasShell) return []
        const text = `a shell stands between signals and the ${instruction.kind}: write it as a JSON list, or say SHELL before it`
        return [{ at: instruction.at, text }]
      }),
    ),
}

const ONCE = ['CMD', 'ENTRYPOINT', 'HEALTHCHECK']

export const multipleInstructionsDisallowed: Rule = {
  name: 'MultipleInstructionsDisallowed',
  check: ({ stages }) =>
    stages.flatMap(({ instructions }) =>
      instructions.flatMap((written, index) => {
        const { kind, at } = written.instruction
        if (!ONCE.includes(kind) || !isRepeated(written, instructions.slice(index + 1))) return []
        return [{ at, text: `this ${kind} counts for nothing: another one follows in the same stage` }]
      }),
    ),
}

function isRepeated({ instruction }: LintedInstruction, below: readonly LintedInstruction[]): boolean {
  return below.some((other) => other.instruction.kind === instruction.kind)
}
