import { openStore } from '@gocker/store'
import { createContainer } from '../life/container.ts'

// A process for tests to kill: runs a container of the layer argv[4] in the store argv[2], argv[3] until it ends.
const [, , root = '', run = '', layer = '', ...command] = process.argv
const store = await openStore({ root, run })
const container = await createContainer({ store, network: 'none', rootfs: { lowers: [layer], config: {} }, command, remove: true })
const running = await container.start({})
console.log(running.pid)
await running.exited
