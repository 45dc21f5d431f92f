import { goProgram } from './go-program.ts'

/** Path of Helm. */
export async function helm(): Promise<string> {
  return await goProgram({ name: 'helm', module: 'helm.sh/helm/v4', version: '4.3.1', package: 'cmd/helm' })
}
