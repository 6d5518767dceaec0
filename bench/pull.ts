import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startRegistry } from '@gocker/testkit'
import { removeMounted } from './peers.ts'
import { pushImages, pushLarge } from './pull-images.ts'
import { openPullers, REFERENCE } from './pullers.ts'
import { type Report, usageTable } from './report.ts'
import { measureUsage } from './usage.ts'

/** MiB, of an image of any size. */
const MOST_MEMORY = 200

/** Images from a registry on this machine into empty stores; the trees are held to GNU tar's. */
export async function pull(runs: number): Promise<Report> {
  const directory = mkdtempSync(join(tmpdir(), 'gocker-bench-pull-'))
  await using registry = await startRegistry()
  const pullers = await openPullers(directory)
  try {
    const images = await pushImages(registry, directory)
    const tables = images.map((image) =>
      usageTable(`pull: ${image.title}`, measureUsage(pullers.of(image), { runs: Math.max(3, Math.round(runs / 4)) }), REFERENCE),
    )
    const large = await pushLarge(registry, directory)
    const memory = measureUsage(pullers.own(large), { runs: 1, warmups: 0 })
    const most = Math.max(...memory.flatMap((usage) => usage.memory))
    if (most > MOST_MEMORY)
      throw new Error(`${most.toFixed(0)} MiB were resident while a large layer arrived, at most ${MOST_MEMORY} may be`)
    return { tables: [...tables, usageTable(`pull: ${large.title}`, memory, 'gocker')], missing: pullers.missing }
  } finally {
    await pullers.remove()
    removeMounted(directory)
  }
}
