import { boot } from './boot.ts'
import { build } from './build.ts'
import { detached } from './detached.ts'
import { pull } from './pull.ts'
import { machine } from './report.ts'
import { run } from './run.ts'
import { soak } from './soak.ts'

/** `pnpm bench [name...]`: what is measured, each by itself. */
const BENCHES: Readonly<Record<string, (runs: number) => string | Promise<string>>> = { boot, run, build, detached, pull, soak }
const RUNS = 20

const asked = process.argv.slice(2)
const unknown = asked.find((name) => !(name in BENCHES))
if (unknown !== undefined) {
  console.error(`no bench ${unknown}: there are ${Object.keys(BENCHES).join(', ')}`)
  process.exit(1)
}
console.log(`${machine()}\n`)
for (const [name, bench] of Object.entries(BENCHES)) if (asked.length === 0 || asked.includes(name)) console.log(await bench(RUNS))
