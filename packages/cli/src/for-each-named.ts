import { reportError } from './report-error.ts'

/** Does the same to each of several things; one that fails is reported, and the others are done all the same. The exit code is then 1. */
export async function forEachNamed(names: readonly string[], work: (name: string) => Promise<void>): Promise<void> {
  for (const name of names) {
    try {
      await work(name)
    } catch (error) {
      reportError(error, { debug: false })
      process.exitCode = 1
    }
  }
}
