import type { TestSpecification } from 'vitest/node'
import { BaseSequencer } from 'vitest/node'

/**
 * Vitest begins with the largest files where it does not remember how long each took. Those that hold an engine to the port's suite are
 * the smallest and take the longest.
 */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files)
    const projects = new Set(sorted.map(({ project }) => project))
    return [...projects].flatMap((project) => {
      const own = sorted.filter(file => file.project === project)
      return [...own.filter(isOfSuite), ...own.filter(file => !isOfSuite(file))]
    })
  }
}

function isOfSuite({ moduleId }: TestSpecification): boolean {
  return moduleId.includes('/engine-cnpg/src/conformance/')
}
