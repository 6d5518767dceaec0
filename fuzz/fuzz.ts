import { parseArgs } from 'node:util'
import { fuzzTarget, keepFinding } from './engine/fuzz-target.ts'
import { TARGETS } from './targets/table.ts'

/** `pnpm fuzz [target ...] [--seconds N | --runs N] [--seed N]`: gives every target, or those that are named, inputs that nobody meant to write. */
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { seconds: { type: 'string' }, runs: { type: 'string' }, seed: { type: 'string' } },
})
const seed = Number(values.seed ?? Date.now() % 2 ** 31)
const amount = values.runs === undefined ? { seconds: Number(values.seconds ?? 10) } : { runs: Number(values.runs) }
for (const name of chosen()) await report(name)

function chosen(): string[] {
  const known = Object.keys(TARGETS)
  const unknown = positionals.find((name) => !known.includes(name))
  if (unknown === undefined) return positionals.length === 0 ? known : positionals
  console.error(`there is no target ${unknown}: ${known.join(', ')}`)
  process.exit(1)
}

async function report(name: string): Promise<void> {
  const start = performance.now()
  const { runs, outcomes, finding } = await fuzzTarget(name, { seed, ...amount })
  const seconds = (performance.now() - start) / 1000
  console.log(`${name}: ${runs} runs, ${Math.round(runs / seconds)} a second, ${outcomes} outcomes, seed ${seed}`)
  if (finding === undefined) return
  process.exitCode = 1
  console.log(`${keepFinding(name, finding)}\n${finding.error}\n`)
}
