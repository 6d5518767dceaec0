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

/** The same, for work that is mostly waiting: all at once. Names are printed in their order, each when its own work is done. */
export async function forEachAtOnce(names: readonly string[], work: (name: string) => Promise<void>): Promise<void> {
  const works = names.map((name) => work(name))
  // One that fails early is heard of in its turn.
  for (const each of works) each.catch(() => {})
  await forEachNamed(names, async (name) => {
    await works.shift()
    console.log(name)
  })
}
