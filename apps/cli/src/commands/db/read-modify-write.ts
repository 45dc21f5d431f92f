import type { Database, DatabaseUpdate, DatabaseUpdateOptions, HowdahClient, Plan } from '@howdah/sdk'
import { isHowdahError } from '@howdah/sdk'

const mostTries = 5

/** Change what is replaced as a whole, based on what it is now; begun again when someone else was quicker. */
export async function updateRead(
  client: HowdahClient,
  name: string,
  change: (database: Database) => DatabaseUpdate,
  options: Pick<DatabaseUpdateOptions, 'apply' | 'signal'> & { readonly dryRun: boolean },
): Promise<Database | Plan> {
  for (let tries = 1; ; tries++) {
    const database = await client.databases.get(name, options.signal && { signal: options.signal })
    try {
      return await client.databases.update(name, change(database), { ...options, ifGeneration: database.generation })
    }
    catch (error) {
      if (!isHowdahError(error, 'stale') || tries === mostTries)
        throw error
    }
  }
}
