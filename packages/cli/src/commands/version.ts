import { machineFacts } from '@gocker/run'
import type { Command } from 'commander'
import { formattedDocument } from '../format/documents.ts'
import { VERSION } from '../version.ts'
import { cgroupText, platformName } from '../views/machine.ts'

export function define(command: Command): void {
  command
    .option('-f, --format <format>', 'json, or a template such as {{.Client.Version}}')
    .addHelpText('after', "\nExamples:\n  gocker version\n  gocker version --format '{{.Client.Version}}'")
    .action(showVersion)
}

async function showVersion({ format }: { readonly format?: string }): Promise<void> {
  const facts = machineFacts()
  const [os, arch] = platformName().split('/')
  const program = { Version: VERSION, NodeVersion: process.version, Os: os, Arch: arch }
  // There is no daemon: what would ask a server is answered by the same program.
  const document = { Client: program, Server: { ...program, KernelVersion: facts.kernel, OperatingSystem: facts.distribution } }
  if (format !== undefined) return void process.stdout.write(await formattedDocument(document, format))
  const lines = [
    'gocker:',
    ` Version:   ${VERSION}`,
    ` Node.js:   ${process.version}`,
    ` OS/Arch:   ${platformName()}`,
    '',
    'Host:',
    ` Kernel:    ${facts.kernel}`,
    ` OS:        ${facts.distribution}`,
    ` cgroups:   ${cgroupText(facts)}`,
  ]
  console.log(lines.join('\n'))
}
