import { programPath } from '../../testbed/cluster/build/programs.ts'

/** Path of an S3 gateway over a folder, built from its Go module. The test cluster keeps its backups in the same one. */
export async function versitygw(): Promise<string> {
  return await programPath('versitygw')
}
