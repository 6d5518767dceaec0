import { measure } from './measure.ts'
import { call, contestant, nothing, type Peer, peersWithDebian } from './peers.ts'
import { type Report, timeTable } from './report.ts'

const CONTAINER = 'bench-exec'

/** One more command in a container that runs. */
export async function exec(runs: number): Promise<Report> {
  const { peers, missing, remove } = await peersWithDebian()
  try {
    for (const peer of peers) call(peer, ['run', '-d', '--name', CONTAINER, '--network', 'none', 'debian', 'sleep', '6000'])
    const measured = measure([nothing, ...peers.map(executor)], { runs })
    return { tables: [timeTable('exec in a running container', measured, 'gocker')], missing }
  } finally {
    await remove()
  }
}

function executor(peer: Peer) {
  return contestant(peer, ['exec', CONTAINER, 'echo', 'done'], (said) => {
    if (said !== 'done\n') throw new Error(`${peer.name}: the command says ${JSON.stringify(said)}`)
  })
}
