import { runLayerWriter } from './run-layer-writer.ts'

runLayerWriter()
