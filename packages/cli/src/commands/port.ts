import { joinedNetworks, parseExposedPort, RunError } from '@gocker/run'
import { openStore } from '@gocker/store'
import type { Command } from 'commander'

export function define(command: Command): void {
  command
    .argument('<container>', 'name or id of a container')
    .argument('[port[/protocol]]', "one of the container's ports; all of them unless given")
    .addHelpText('after', '\nExamples:\n  gocker port web\n  gocker port web 80/tcp')
    .action(showPorts)
}

async function showPorts(container: string, port: string | undefined): Promise<void> {
  const store = await openStore()
  const { id, name } = await store.containers.get(container)
  const ports = joinedNetworks(store, id)?.ports ?? []
  if (port === undefined) {
    for (const held of ports) console.log(`${held.containerPort}/${held.protocol} -> ${hostText(held)}`)
    return
  }
  const wanted = parseExposedPort(port)
  const found = ports.filter(({ containerPort, protocol }) => containerPort === wanted.first && protocol === wanted.protocol)
  if (found.length === 0) throw new RunError('INVALID_OPTION', `showing port ${port} of container ${name}: it is not published`)
  for (const held of found) console.log(hostText(held))
}

function hostText({ hostAddress, hostPort }: { hostAddress: string; hostPort: number }): string {
  return hostAddress.includes(':') ? `[${hostAddress}]:${hostPort}` : `${hostAddress}:${hostPort}`
}
