import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startRegistry } from '@gocker/testkit'
import { removeMounted } from './peers.ts'
import { pushImages } from './pull-images.ts'
import { openPullers, REFERENCE } from './pullers.ts'
import { type Report, usageTable } from './report.ts'
import { measureUsage } from './usage.ts'

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
    return { tables, missing: pullers.missing }
  } finally {
    await pullers.remove()
    removeMounted(directory)
  }
}
