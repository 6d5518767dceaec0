import { type ContainerRecord, type ContainerState, isAlive, openStore } from '@gocker/store'
import type { Command } from 'commander'
import { ago, shortId, span } from '../terminal/amounts.ts'
import { table } from '../terminal/table.ts'

interface PsFlags {
  readonly all?: true
  readonly quiet?: true
  readonly trunc: boolean
}

export function define(command: Command): void {
  command
    .option('-a, --all', 'also those that do not run')
    .option('-q, --quiet', 'print ids alone')
    .option('--no-trunc', 'print ids whole')
    .addHelpText('after', '\nExample:\n  gocker ps -a')
    .action(listContainers)
}

async function listContainers({ all, quiet, trunc }: PsFlags): Promise<void> {
  const store = await openStore()
  const records = await store.containers.list()
  const states = await Promise.all(records.map(({ id }) => store.containers.readState(id)))
  const rows = records
    .map((record, index) => ({ record, state: states[index] }))
    .filter(({ state }) => all === true || (state !== undefined && isRunning(state)))
  const id = ({ id }: ContainerRecord) => (trunc ? shortId(id) : id)
  if (quiet === true) {
    for (const { record } of rows) console.log(id(record))
    return
  }
  const cells = rows.map(({ record, state }) => [
    id(record),
    record.image?.name ?? '',
    ago(Date.parse(record.created)),
    statusOf(state),
    record.name,
  ])
  console.log(table(['CONTAINER ID', 'IMAGE', 'CREATED', 'STATUS', 'NAME'], cells))
}

function statusOf(state: ContainerState | undefined): string {
  if (state === undefined || state.status === 'creating' || state.status === 'created') return 'Created'
  if (isRunning(state)) return `Up ${span(Math.max(1, Math.round((Date.now() - Date.parse(state.startedAt ?? '')) / 1000)))}`
  // Killed together with the gocker that would have written down how it ended.
  if (state.status === 'running') return 'Dead'
  const when = state.finishedAt === undefined ? '' : ` ${ago(Date.parse(state.finishedAt))}`
  return `Exited (${state.exit?.code ?? '?'})${when}`
}

function isRunning(state: ContainerState): boolean {
  return state.status === 'running' && isAlive(state)
}
