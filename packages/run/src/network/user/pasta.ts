import type { PublishedPort } from '../state.ts'

/**
 * How pasta(1) is called: the namespace is its stdin, since it gives its rights away before it opens a path.
 * @param ready the file that it writes when it is ready
 */
export function pastaArguments(ready: string, ports: readonly PublishedPort[]): string[] {
  const own = ['--foreground', '--config-net', '--no-map-gw', '--netns-only', '--netns', '/proc/self/fd/0', '--pid', ready]
  return [...own, ...published(ports, 'tcp'), ...published(ports, 'udp'), '-T', 'none', '-U', 'none']
}

function published(ports: readonly PublishedPort[], protocol: 'tcp' | 'udp'): string[] {
  const option = protocol === 'tcp' ? '-t' : '-u'
  const asked = ports.filter((port) => port.protocol === protocol)
  if (asked.length === 0) return [option, 'none']
  return asked.flatMap(({ hostAddress, hostPort, containerPort }) => {
    const address = hostAddress === '0.0.0.0' ? '' : `${hostAddress}/`
    return [option, `${address}${hostPort}:${containerPort}`]
  })
}
