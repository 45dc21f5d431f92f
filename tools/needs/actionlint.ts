import { goProgram } from './go-program.ts'

/** Path of actionlint. */
export async function actionlint(): Promise<string> {
  return await goProgram({ name: 'actionlint', module: 'github.com/rhysd/actionlint', version: '1.7.12', package: 'cmd/actionlint' })
}
