import { loadavg } from 'node:os'
import { parseArgs } from 'node:util'
import { debianRootfs } from '@gocker/testkit'
import { boot } from './boot.ts'
import { build } from './build.ts'
import { exec } from './exec.ts'
import { isInside, runInside } from './inside.ts'
import { limits } from './limits.ts'
import { many } from './many.ts'
import { pull } from './pull.ts'
import { machine, type Report, reportText } from './report.ts'
import { run } from './run.ts'
import { saveResults } from './save.ts'
import { scale } from './scale.ts'
import { soak } from './soak.ts'
import { start } from './start.ts'

/** `pnpm bench [name...] [--runs N] [--json] [--save]`: what is measured, each by itself. */
const BENCHES: Readonly<Record<string, (runs: number) => Report | Promise<Report>>> = {
  boot,
  run,
  start,
  many,
  pull,
  build,
  exec,
  scale,
  limits,
  soak,
}

const { values, positionals } = parseArgs({
  options: {
    runs: { type: 'string', default: '20' },
    json: { type: 'boolean', default: false },
    save: { type: 'boolean', default: false },
  },
  allowPositionals: true,
})
const unknown = positionals.find((name) => !(name in BENCHES))
if (unknown !== undefined) {
  console.error(`no bench ${unknown}: there are ${Object.keys(BENCHES).join(', ')}`)
  process.exit(1)
}
if (isInside()) await measureAll()
else {
  // While there is a network to fetch it from.
  await debianRootfs({ variant: 'plain' })
  process.exitCode = runInside(process.argv)
}

async function measureAll(): Promise<void> {
  const results: Record<string, Report & { readonly load: readonly number[] }> = {}
  if (!values.json) console.log(`${machine()}\n`)
  for (const [name, bench] of Object.entries(BENCHES)) {
    if (positionals.length > 0 && !positionals.includes(name)) continue
    const report = await bench(Number(values.runs))
    results[name] = { ...report, load: loadavg() }
    if (!values.json) console.log(reportText(report))
  }
  const date = new Date().toISOString().slice(0, 10)
  const saved = Object.entries(results).map(([name, report]) => [name, { ...report, load: report.load[0] ?? 0, machine: machine(), date }])
  if (values.save) saveResults(Object.fromEntries(saved))
  if (values.json) console.log(JSON.stringify({ machine: machine(), results }, null, 1))
}
