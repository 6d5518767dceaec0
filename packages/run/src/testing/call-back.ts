import { openStore } from '@gocker/store'
import { cleanUpContainer } from '../life/clean-up.ts'
import { comeBack } from '../life/come-back.ts'

// For tests: what `gocker container cleanup ID` and `gocker container restart-after ID` are in the command; the store is in the environment.
const [, program = '', , verb, id = ''] = process.argv
const { GOCKER_ROOT = '', GOCKER_RUN = '' } = process.env
const caller = { command: [process.execPath, program], env: [`GOCKER_ROOT=${GOCKER_ROOT}`, `GOCKER_RUN=${GOCKER_RUN}`] }
const store = await openStore()
if (verb === 'cleanup') await cleanUpContainer(store, id, { caller })
else await comeBack(store, id, { caller })
