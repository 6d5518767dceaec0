import { runCopyThread } from './copy-thread.ts'

runCopyThread()
