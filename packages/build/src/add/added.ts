import type { CopySource } from '../copy/copy-job.ts'

/** What one source of ADD comes to. */
export interface Added {
  /** What it is, for the cache. */
  readonly inputs: unknown
  /** Makes it ready to be copied. @param directory empty; for what has to be unpacked or fetched */
  readonly sources: (directory: string) => Promise<AddedSources>
}

export interface AddedSources {
  readonly roots: readonly string[]
  readonly sources: readonly CopySource[]
}

/** Several as one: each one's items name its own roots. */
export function joined(all: readonly AddedSources[]): AddedSources {
  const roots: string[] = []
  const sources: CopySource[] = []
  for (const added of all) {
    const first = roots.length
    roots.push(...added.roots)
    for (const source of added.sources)
      sources.push({ ...source, items: source.items.map((item) => ({ ...item, root: first + item.root })) })
  }
  return { roots, sources }
}
