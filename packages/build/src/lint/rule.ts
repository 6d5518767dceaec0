import type { Location } from '../language/location.ts'
import type { LintedFile } from './linted-file.ts'

/** Something that works, and is likely not what was meant, or will not work for long. */
export interface Warning {
  /** As Docker's build checks call it. */
  readonly rule: string
  readonly at: Location
  /** One sentence. */
  readonly text: string
}

export type Finding = Omit<Warning, 'rule'>

/** What one rule finds in a Gockerfile; it reads nothing else. */
export interface Rule {
  /** @see https://docs.docker.com/reference/build-checks/ */
  readonly name: string
  check(file: LintedFile): Finding[]
}
