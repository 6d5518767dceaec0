import { measure } from './measure.ts'
import { contestant, nothing, type Peer, peersWithDebian } from './peers.ts'
import { type Report, timeTable } from './report.ts'

const NETWORKS = [
  { title: 'no network', flags: ['--network', 'none'] },
  { title: "the host's network", flags: ['--network', 'host'] },
  { title: 'the default bridge', flags: [] },
]

/** A container from nothing to nothing, with each kind of network. */
export async function run(runs: number): Promise<Report> {
  const { peers, missing, remove } = await peersWithDebian()
  try {
    const tables = NETWORKS.map(({ title, flags }) =>
      timeTable(`run --rm debian, ${title}`, measure([nothing, ...peers.map((peer) => runner(peer, flags))], { runs }), 'gocker'),
    )
    return { tables, missing }
  } finally {
    await remove()
  }
}

function runner(peer: Peer, flags: readonly string[]) {
  return contestant(peer, ['run', '--rm', ...flags, 'debian', 'echo', 'done'], (said) => {
    if (said !== 'done\n') throw new Error(`${peer.name}: the container says ${JSON.stringify(said)}`)
  })
}
