import type { VolumeRecord } from '@gocker/store'
import { dictionary } from '../format/values.ts'

/** A volume as docker describes one. @see https://docs.docker.com/reference/api/engine/version/v1.47/#tag/Volume/operation/VolumeInspect */
export function volumeDocument({ name, path, created, labels, options }: VolumeRecord) {
  return {
    CreatedAt: created.replace(/\.\d+Z$/, 'Z'),
    Driver: 'local',
    Labels: Object.keys(labels).length === 0 ? null : dictionary(labels),
    Mountpoint: path,
    Name: name,
    Options: Object.keys(options).length === 0 ? null : dictionary(options),
    Scope: 'local',
  }
}

/** `a=1,b=2` */
export function labelsText(labels: Readonly<Record<string, string>>): string {
  return Object.entries(labels)
    .map(([name, value]) => `${name}=${value}`)
    .join(',')
}
