import type { LintedFile } from '../linted-file.ts'
import type { Finding, Rule } from '../rule.ts'
import { valueIn } from '../scope.ts'

export const exposeProtoCasing: Rule = {
  name: 'ExposeProtoCasing',
  check: (file) =>
    portsOf(file).flatMap(({ at, port }) => {
      const protocol = port.split('/')[1] ?? ''
      return protocol === protocol.toLowerCase() ? [] : [{ at, text: `write the protocol of ${port} in lower case` }]
    }),
}

export const exposeInvalidFormat: Rule = {
  name: 'ExposeInvalidFormat',
  check: (file) =>
    portsOf(file).flatMap(({ at, port }) =>
      port.includes(':') ? [{ at, text: `${port} names an address or a port of the host, which is said when the image is run` }] : [],
    ),
}

function portsOf({ stages, escape }: LintedFile): { at: Finding['at']; port: string }[] {
  return stages.flatMap(({ instructions }) =>
    instructions.flatMap(({ instruction, scope }) => {
      if (instruction.kind !== 'EXPOSE') return []
      return instruction.ports.map((port) => ({ at: instruction.at, port: valueIn(scope, port, escape) }))
    }),
  )
}
