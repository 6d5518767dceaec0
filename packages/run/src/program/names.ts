import type { Plan } from './plan.ts'

/** @see uts_namespaces(7) */
export function names({ program, spec }: Plan): void {
  const { hostname, domainname } = spec
  if (hostname !== undefined)
    program.row({
      name: `set hostname ${hostname}`,
      call: 'sethostname',
      args: [hostname, Buffer.byteLength(hostname)],
      isolates: 'hostname: a name of its own',
    })
  if (domainname !== undefined)
    program.row({ name: `set domainname ${domainname}`, call: 'setdomainname', args: [domainname, Buffer.byteLength(domainname)] })
}
