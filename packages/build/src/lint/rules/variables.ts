import type { StageInstruction } from '../../language/gockerfile.ts'
import { suggestion } from '../../language/suggestion.ts'
import type { LintedInstruction } from '../linted-file.ts'
import type { Finding, Rule } from '../rule.ts'
import { undeclaredIn } from '../scope.ts'

export const undefinedVar: Rule = {
  name: 'UndefinedVar',
  check: ({ stages, escape }) => stages.flatMap(({ instructions }) => instructions.flatMap((written) => undefinedIn(written, escape))),
}

/** On an image that is not here, any name may be declared: there only what looks like a slip of the pen is told. */
function undefinedIn({ instruction, scope }: LintedInstruction, escape: string): Finding[] {
  const undeclared = expandedTexts(instruction).flatMap((text) => undeclaredIn(text, declaredFor(instruction, scope.declared), escape))
  return [...new Set(undeclared)].flatMap((name) => {
    const meant = suggestion(name, [...scope.declared])
    if (!scope.isComplete && meant === undefined) return []
    const more = meant === undefined ? '' : ` (did you mean $${meant}?)`
    return [{ at: instruction.at, text: `nothing before this ${instruction.kind} declares $${name}${more}` }]
  })
}

/** The ARGs of one instruction know each other. */
function declaredFor(instruction: StageInstruction, declared: ReadonlySet<string>): ReadonlySet<string> {
  return instruction.kind === 'ARG' ? new Set([...declared, ...instruction.args.map(({ name }) => name)]) : declared
}

/** The texts in which the build itself replaces variables; a shell has its own. */
function expandedTexts(instruction: StageInstruction): readonly string[] {
  switch (instruction.kind) {
    case 'ADD':
    case 'COPY':
      return [...instruction.sources, instruction.destination, instruction.chown ?? '', instruction.chmod ?? '']
    case 'ARG':
      return instruction.args.map(({ value }) => value ?? '')
    case 'ENV':
    case 'LABEL':
      return instruction.pairs.flatMap(({ name, value }) => [name, value])
    case 'EXPOSE':
      return instruction.ports
    case 'STOPSIGNAL':
      return [instruction.signal]
    case 'USER':
      return [instruction.user]
    case 'VOLUME':
      return instruction.paths
    case 'WORKDIR':
      return [instruction.path]
    default:
      return []
  }
}
