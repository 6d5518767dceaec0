export { type ExportRootfsOptions, exportRootfs } from './export-rootfs.ts'
export { type ImportImageOptions, importImage } from './import-image.ts'
export { type UnpackedLayer, type UnpackLayerOptions, unpackLayer } from './layers/unpack-layer.ts'
export { type ArchiveSink, type PackedLayer, type PackLayerOptions, packLayer } from './pack/pack-layer.ts'
