import { runBuildThread } from './run-build-thread.ts'

runBuildThread()
