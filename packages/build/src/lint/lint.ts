import type { Location } from '../language/location.ts'
import { parseCheckDirective } from './check-directive.ts'
import { type LintFacts, lintedFile } from './linted-file.ts'
import type { Warning } from './rule.ts'
import { RULES } from './rules/table.ts'

/**
 * What Docker's build checks say of a Gockerfile, in its order; without what `# check=skip=` takes out, at the top of the file
 * or right above an instruction.
 * @param text of the file that `facts` are of
 * @throws {BuildError} `SYNTAX`
 * @see https://docs.docker.com/reference/build-checks/
 */
export function lint(text: string, facts: LintFacts, file: string): Warning[] {
  const { skip } = parseCheckDirective(facts.gockerfile.directives.check)
  if (skip.has('all')) return []
  const linted = lintedFile(text, facts, file)
  const rules = RULES.filter(({ name }) => !skip.has(name))
  const warnings = rules.flatMap(({ name, check }) => check(linted).map((finding) => ({ rule: name, ...finding })))
  const lines = text.split('\n')
  return warnings.filter(({ rule, at }) => !isSkippedAbove(lines, at, rule)).sort((a, b) => a.at.line - b.at.line)
}

/** The comments right above a place may skip rules for it. */
function isSkippedAbove(lines: readonly string[], at: Location, rule: string): boolean {
  for (let index = at.line - 2; index >= 0; index--) {
    const comment = /^\s*#\s*(.*?)\s*$/.exec(lines[index] ?? '')?.[1]
    if (comment === undefined) return false
    const value = /^check\s*=\s*(\S+)/i.exec(comment)?.[1]
    if (value === undefined) continue
    const { skip } = parseCheckDirective(value, { ...at, line: index + 1, column: 1 })
    if (skip.has(rule) || skip.has('all')) return true
  }
  return false
}
